import { afterEach, describe, expect, it } from 'vitest';
import { type BlockReader, readBlocks } from '../http/sse.ts';
import { send } from '../support/answer.ts';
import { dataDirOf } from '../support/data-dir.ts';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

const services: ServiceProcess[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.kill()));
});

async function begin() {
  const database = await createTestDatabase();
  const env = {
    DATABASE_URL: databaseUrl(database.app),
    TOOKEN_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'),
    TOOKEN_DATA_DIR: dataDirOf(database.app.database),
  };
  const start = async () => {
    const service = await startService(env);
    services.push(service);
    return service;
  };
  const service = await start();
  const secret = service.apiKey ?? '';
  const issue = async ({ url }: ServiceProcess, name: string) => {
    const { body } = await send({ url, secret }, 'POST', '/v1/tokens', { name, scopes: ['a:read'] });
    return body.token.id;
  };
  const follow = async ({ url }: ServiceProcess, query: string, lastId?: string): Promise<BlockReader> => {
    const headers = { authorization: `Bearer ${secret}`, ...(lastId !== undefined && { 'last-event-id': lastId }) };
    const { status, body } = await fetch(`${url}/v1/audit-log/stream${query}`, { headers });
    expect(status).toBe(200);
    return readBlocks(body);
  };
  return { service, start, issue, follow };
}

describe('a stream from a real process', { timeout: 60_000 }, () => {
  it('goes on where it was when the process is killed in the middle: no gap, no duplicate', async () => {
    const { service, start, issue, follow } = await begin();
    const ids: string[] = [];
    const seen: string[] = [];
    let lastId = '-1';
    let stream = await follow(service, '?action=token.created', lastId);
    const read = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        const block = await stream.nextEvent();
        seen.push(block?.data.targets[0].id);
        lastId = block?.id ?? lastId;
      }
    };
    for (let n = 0; n < 5; n += 1) ids.push(await issue(service, `before ${n}`));
    await read(3);
    await service.kill();
    await expect(read(10)).rejects.toThrow();
    const next = await start();
    ids.push(await issue(next, 'after'));
    stream = await follow(next, '?action=token.created', lastId);
    await read(ids.length - seen.length);
    expect(seen).toEqual(ids);
    await stream.close();
  });

  it('is told when the process stops, and does not hold it up', async () => {
    const { service, issue, follow } = await begin();
    const streams = await Promise.all([follow(service, ''), follow(service, '?action=scope.*'), follow(service, '')]);
    for (const stream of streams) await stream.next();
    const id = await issue(service, 'seen');
    expect((await streams[0]?.nextEvent())?.data.targets[0].id).toBe(id);
    const ends = Promise.all(streams.slice(0, 2).map((stream) => stream.nextEvent()));
    expect(await service.stop()).toBe(0);
    for (const end of await ends) expect(end).toMatchObject({ event: 'end', data: { reason: 'stopping' } });
  });
});
