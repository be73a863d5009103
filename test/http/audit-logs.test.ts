import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { logIdOf } from '../../src/audit/events/append.ts';
import { appendAll, newEvent, openTestClient } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import {
  leafHash,
  merkleTreeHash,
  readCheckpoint,
  splitEntries,
  splitHashes,
  tileName,
  tilesOfLevel,
} from '../support/tlog.ts';

const database = await createTestDatabase();
const service = await createTestService(database);
const owner = openTestClient(database.owner);

const K6 = '{"error":"unauthorized","message":"Invalid or missing API key"}';

type Options = Parameters<typeof service.call>[2];
const get = (workspace: { readonly id: string }, path: string, options: Options = {}) =>
  service.call('GET', `/logs/${workspace.id}/${path}`, options);

async function issue({ live }: TestWorkspace, scopes: readonly string[], secret = live.secret): Promise<string> {
  const answer = await service.call('POST', '/v1/tokens', { secret, json: { name: 'reader', scopes } });
  return answer.body.secret;
}

/** Lets the log grow by `count` events; resolves with the size that a checkpoint then covers. */
async function grow({ id, live }: TestWorkspace, count: number): Promise<number> {
  const environments = Array.from({ length: count }, (_, n) =>
    n % 3 === 1 && n < count - 1 ? ('test' as const) : ('live' as const),
  );
  const events = environments.map((environment) => newEvent(id, { environment }));
  const last = (await appendAll(service.context.db, ...events)).at(-1);
  const proof = await service.call('GET', `/v1/audit-log/${last}/proof`, { secret: live.secret });
  expect(proof.status, proof.text).toBe(200);
  return proof.body.proof.size;
}

const publish = ({ live }: TestWorkspace, isPublic: boolean) =>
  service.call('PATCH', '/v1/settings', { secret: live.secret, json: { audit_tree_public: isPublic } });

describe('the tree of an audit log', async () => {
  let home: TestWorkspace;
  const sizes: number[] = [];
  let secret: string;

  beforeAll(async () => {
    home = await service.addWorkspace('tree');
    secret = home.live.secret;
    for (const target of [5, 255, 256, 257, 511, 512, 700]) {
      const size = sizes.at(-1) ?? 3;
      sizes.push(await grow(home, target - size));
    }
  });

  const hashesOf = async (level: number, size: number) => {
    const tiles = tilesOfLevel(level, size).map(async ({ index, width }) => {
      const answer = await get(home, `tile/${level}/${tileName(index, width)}`, { secret });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/octet-stream');
      expect(answer.bytes).toHaveLength(32 * width);
      return splitHashes(answer.bytes);
    });
    return (await Promise.all(tiles)).flat();
  };

  it('is the one that was signed, at every size for which there was a checkpoint', async () => {
    expect(sizes).toEqual([5, 255, 256, 257, 511, 512, 700]);
    const key = (await get(home, 'key', { secret })).text;
    const rows = await owner`select size, note from audit_checkpoints where log_id = ${logIdOf(home.id)} order by size`;
    expect(rows.map(({ size }) => Number(size))).toEqual(expect.arrayContaining(sizes));
    for (const { size, note } of rows) {
      const checkpoint = readCheckpoint(note, key);
      expect(checkpoint.size).toBe(Number(size));
      const leaves = await hashesOf(0, checkpoint.size);
      expect(merkleTreeHash(leaves)).toEqual(checkpoint.root);
      const above = await hashesOf(1, checkpoint.size);
      expect(above).toEqual(above.map((_, n) => merkleTreeHash(leaves.slice(256 * n, 256 * (n + 1)))));
    }
  });

  it('has the entries that its leaves are the hashes of, and no name or address in them', async () => {
    const size = sizes.at(-1) ?? 0;
    const leaves = await hashesOf(0, size);
    const bundles = tilesOfLevel(0, size).map(async ({ index, width }) => {
      const answer = await get(home, `tile/entries/${tileName(index, width)}`, { secret });
      expect(answer.status).toBe(200);
      return splitEntries(answer.bytes);
    });
    const entries = (await Promise.all(bundles)).flat();
    expect(entries.map(leafHash)).toEqual(leaves);
    const text = Buffer.concat(entries).toString('utf8');
    expect(text).toContain('"action":"token.created"');
    for (const personal of ['192.0.2.1', 'curl/8.5.0', '"CI"', '"deploy"']) expect(text).not.toContain(personal);
  });

  it('has compressed entries for who takes them', async () => {
    const plain = await get(home, 'tile/entries/000', { secret });
    expect(plain.headers.get('content-encoding')).toBeNull();
    for (const [accepted, encoding] of [
      ['gzip', 'gzip'],
      ['br, gzip;q=0.5', 'gzip'],
      ['gzip;q=0', null],
      ['br', null],
    ] as const) {
      const answer = await get(home, 'tile/entries/000', { secret, headers: { 'accept-encoding': accepted } });
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([
        encoding,
        'Authorization, X-API-Key, Accept-Encoding',
      ]);
      const bytes = encoding === 'gzip' ? gunzipSync(answer.bytes) : answer.bytes;
      expect(bytes.equals(plain.bytes)).toBe(true);
    }
  });

  it('has no tile beyond its last checkpoint, none of a width that was never published, and no empty one', async () => {
    for (const path of [
      'tile/0/003',
      'tile/0/002.p/189',
      'tile/0/002.p/187',
      'tile/0/002',
      'tile/0/000.p/4',
      'tile/0/001.p/2',
      'tile/1/000',
      'tile/1/000.p/3',
      'tile/1/001.p/1',
      'tile/2/000.p/1',
      'tile/7/000',
      'tile/63/000',
      'tile/0/x999/x999/x999/x999/x999/999',
      'tile/entries/003',
      'tile/entries/002.p/189',
      'tile/entries/000.p/7',
    ]) {
      const answer = await get(home, path, { secret });
      expect([answer.status, answer.headers.get('cache-control')], path).toEqual([404, 'no-store']);
    }
  });

  it('goes on having the partial tiles of earlier checkpoints', async () => {
    for (const path of ['tile/0/000.p/5', 'tile/0/000.p/255', 'tile/0/001.p/1', 'tile/1/000.p/1', 'tile/1/000.p/2']) {
      expect((await get(home, path, { secret })).status, path).toBe(200);
    }
  });

  it('answers every path but the ones the specification writes with 404', async () => {
    const canonical = /^tile\/(entries|0|[1-9]\d?)(\/x\d{3})*\/\d{3}([.]p\/[1-9]\d{0,2})?$/;
    const alphabet = ['', '0', '1', '9', 'x', '.', '/', 'p', '-', '%30', '%2f', 'e', '~', '\u0661'];
    const valid = ['tile/0/002.p/188', 'tile/1/000.p/2', 'tile/0/000', 'tile/entries/001'];
    const mutated = new Set(
      valid.flatMap((path) =>
        Array.from({ length: path.length - 5 }, (_, n) => n + 5).flatMap((at) =>
          alphabet.flatMap((text) => [
            path.slice(0, at) + text + path.slice(at),
            path.slice(0, at) + text + path.slice(at + 1),
          ]),
        ),
      ),
    );
    for (const path of mutated) {
      const { status } = await get(home, path, { secret });
      if (status !== 404) expect([status, canonical.test(path)], path).toEqual([200, true]);
    }
    for (const path of ['tile', 'tile/', 'tile/0', 'tile/0/', 'tile/0/000.p/256', 'tile/0/000.p/', 'tile/0/000/']) {
      expect((await get(home, path, { secret })).status, path).toBe(404);
    }
  });

  it('is not divided by spellings of its paths', async () => {
    expect((await get(home, 'tile/0/000', { secret })).status).toBe(200);
    for (const path of ['tile/0/%30%30%30', 'tile/%30/000', 't%69le/0/000']) {
      expect((await get(home, path, { secret })).status, path).toBe(404);
    }
  });

  it('is kept by caches for good, by that of its reader alone while it is private', async () => {
    const cacheOf = async (path: string, options: Options) => {
      const { headers } = await get(home, path, options);
      return [headers.get('cache-control'), headers.get('vary')?.startsWith('Authorization, X-API-Key')];
    };
    const forGood = 'max-age=31536000, immutable';
    expect(await cacheOf('tile/0/000', { secret })).toEqual([`private, ${forGood}`, true]);
    expect(await cacheOf('tile/0/000.p/5', { secret })).toEqual([`private, ${forGood}`, true]);
    expect(await cacheOf('checkpoint', { secret })).toEqual(['private, no-cache', true]);
    expect(await cacheOf('key', { secret })).toEqual(['private, no-cache', true]);
    await publish(home, true);
    for (const options of [{}, { secret }]) {
      expect(await cacheOf('tile/0/000', options)).toEqual([`public, ${forGood}`, true]);
      expect(await cacheOf('checkpoint', options)).toEqual(['public, no-cache', true]);
    }
    expect(await cacheOf('tile/entries/000', { secret })).toEqual([`private, ${forGood}`, true]);
    await publish(home, false);
    // The events of the settings are covered too now, so that the checkpoint stays the same for the tests that follow.
    await grow(home, 1);
  });

  it('answers HEAD as GET, without the bytes', async () => {
    for (const path of ['checkpoint', 'key', 'tile/0/000', 'tile/entries/000', 'tile/0/999']) {
      const [full, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => service.call(method, `/logs/${home.id}/${path}`, { secret })),
      );
      expect(head?.status).toBe(full?.status);
      expect(head?.bytes).toHaveLength(0);
      for (const name of ['content-type', 'cache-control', 'etag', 'vary']) {
        expect(head?.headers.get(name)).toBe(full?.headers.get(name));
      }
    }
  });

  it('is counted by the paths of the access table, however many tiles there are', async () => {
    for (const path of ['tile/0/000', 'tile/0/001', 'tile/entries/000']) await get(home, path, { secret });
    const routes = new Set([...service.context.metrics.requests.all()].map(({ route }) => route));
    const tiles = [...routes].filter((route) => route.includes('/tile/'));
    expect(tiles.sort()).toEqual(['/logs/{workspace}/tile/entries/{index}', '/logs/{workspace}/tile/{level}/{index}']);
  });

  it('is not sent again while its checkpoint is the same', async () => {
    for (const path of ['checkpoint', 'key']) {
      const tag = (await get(home, path, { secret })).headers.get('etag') ?? '';
      const again = await get(home, path, { secret, headers: { 'if-none-match': tag } });
      expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, tag]);
      expect((await get(home, path, { secret, headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    }
  });
});

describe('a checkpoint', () => {
  it('is there for a log that has not signed yet, and its key too', async () => {
    const fresh = await service.addWorkspace('fresh');
    const { secret } = fresh.live;
    const [key, checkpoint] = [await get(fresh, 'key', { secret }), await get(fresh, 'checkpoint', { secret })];
    expect([key.status, checkpoint.status]).toEqual([200, 200]);
    for (const { headers } of [key, checkpoint]) expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const { origin, size } = readCheckpoint(checkpoint.text, key.text);
    expect(origin).toBe(`127.0.0.1:8080/logs/${fresh.id}`);
    expect(size).toBeGreaterThanOrEqual(0);
  });

  it('follows the log', async () => {
    const growing = await service.addWorkspace('growing');
    const { secret } = growing.live;
    const key = (await get(growing, 'key', { secret })).text;
    for (const size of [4, 5, 6]) {
      await appendAll(service.context.db, newEvent(growing.id));
      const served = async () => readCheckpoint((await get(growing, 'checkpoint', { secret })).text, key).size;
      await expect.poll(served, { timeout: 15_000 }).toBe(size);
    }
  });

  it('carries the lines of its witnesses', async () => {
    const witnessed = await service.addWorkspace('witnessed');
    const { secret } = witnessed.live;
    await grow(witnessed, 1);
    const { text } = await get(witnessed, 'checkpoint', { secret });
    const line = `— witness.example ${Buffer.alloc(76, 1).toString('base64')}`;
    await owner`
      insert into audit_cosignatures (log_id, generation, size, witness, line, created_at)
      select log_id, generation, size, 'witness.example', ${line}, now() from audit_checkpoints
      where log_id = ${logIdOf(witnessed.id)}`;
    expect((await get(witnessed, 'checkpoint', { secret })).text).toBe(`${text}${line}\n`);
  });

  it('stays the last one when no more are signed, and says so where there is none', async () => {
    const halted = await service.addWorkspace('halted');
    const { secret } = halted.live;
    await grow(halted, 1);
    const before = await get(halted, 'checkpoint', { secret });
    await owner`update audit_logs set halt_reason = 'It was restored' where id = ${logIdOf(halted.id)}`;
    const [event] = await appendAll(service.context.db, newEvent(halted.id));
    const proof = await service.call('GET', `/v1/audit-log/${event}/proof`, { secret });
    expect([proof.status, proof.body.error]).toEqual([503, 'unavailable']);
    expect(proof.body.message).toContain('It was restored');
    const after = await get(halted, 'checkpoint', { secret });
    expect([after.status, after.text]).toEqual([200, before.text]);
    expect((await get(halted, 'tile/0/000.p/4', { secret })).status).toBe(200);
    expect((await get(halted, 'tile/0/000.p/5', { secret })).status).toBe(404);
  });
});

describe('the tree is read', async () => {
  const home = await service.addWorkspace('home');
  const foreign = await service.addWorkspace('foreign');
  const size = await grow(home, 1);
  await grow(foreign, 1);
  const tile = `tile/0/000.p/${size}`;
  const entries = `tile/entries/000.p/${size}`;
  const hashes = ['checkpoint', 'key', tile];
  const everything = [...hashes, entries];
  const nobody = { id: 'ws_01kav3c4r8e0jbwn7sgm5zkqd2' };
  const statuses = (workspace: { id: string }, paths: readonly string[], options: Options) =>
    Promise.all(paths.map(async (path) => (await get(workspace, path, options)).status));

  it('by the keys of its workspace and by tokens with audit:read', async () => {
    const token = await issue(home, ['audit:read']);
    for (const secret of [home.live.secret, token]) {
      expect(await statuses(home, everything, { secret })).toEqual([200, 200, 200, 200]);
    }
    expect((await get(home, 'checkpoint', { headers: { 'x-api-key': home.live.secret } })).status).toBe(200);
  });

  it('by no token without that scope', async () => {
    const secret = await issue(home, ['tokens:write', 'invoices:read']);
    expect(await statuses(home, everything, { secret })).toEqual([403, 403, 403, 403]);
    expect((await get(home, tile, { secret })).body.error).toBe('insufficient_scope');
  });

  it('with test credentials too, but for the entries, which are those of both environments', async () => {
    const token = await issue(home, ['audit:read'], home.test.secret);
    for (const secret of [home.test.secret, token]) {
      expect(await statuses(home, everything, { secret })).toEqual([200, 200, 200, 403]);
      const { body } = await get(home, entries, { secret });
      expect(body).toMatchObject({ error: 'forbidden', message: expect.stringContaining('both environments') });
    }
  });

  it('by nobody else, who cannot even tell whether there is such a log', async () => {
    for (const workspace of [home, nobody, { id: 'installation' }, { id: 'ws_x' }]) {
      for (const path of everything) {
        const anonymous = await get(workspace, path);
        expect([anonymous.status, anonymous.text, anonymous.headers.get('www-authenticate')]).toEqual([
          401,
          K6,
          'Bearer realm="tooken"',
        ]);
        expect([...anonymous.headers.keys()]).not.toContain('ratelimit');
      }
      const secrets = [foreign.live.secret, foreign.test.secret, await issue(foreign, ['audit:read'])];
      for (const secret of secrets) expect(await statuses(workspace, hashes, { secret })).toEqual([404, 404, 404]);
      expect(await statuses(workspace, [entries], { secret: foreign.live.secret })).toEqual([404]);
    }
  });

  it('by anybody once the workspace has published it, but never its entries', async () => {
    const before = await Promise.all(hashes.map((path) => get(home, path, { secret: home.live.secret })));
    await publish(home, true);
    const strangers = [{}, { secret: foreign.live.secret }, { secret: await issue(home, ['tokens:read']) }];
    for (const options of strangers) {
      expect(await statuses(home, hashes, options)).toEqual([200, 200, 200]);
      expect((await get(home, tile, options)).bytes).toEqual(before[2]?.bytes);
    }
    expect((await get(home, entries)).text).toBe(K6);
    expect(await statuses(home, [entries], { secret: foreign.live.secret })).toEqual([404]);
    expect(await statuses(home, [entries], { secret: await issue(home, ['tokens:read']) })).toEqual([403]);
    expect(await statuses(foreign, hashes, {})).toEqual([401, 401, 401]);
    await publish(home, false);
    expect(await statuses(home, hashes, {})).toEqual([401, 401, 401]);
  });

  it('with a credential that is good or with none: one that is refused opens no public tree', async () => {
    await publish(home, true);
    const bad = [
      { secret: 'nonsense' },
      { headers: { 'x-api-key': 'nonsense' } },
      { headers: { authorization: `Basic ${btoa('a:b')}` } },
    ];
    for (const options of bad) expect((await get(home, 'checkpoint', options)).text).toBe(K6);
    await publish(home, false);
  });

  it('by other methods not at all', async () => {
    const { status, headers } = await service.call('DELETE', `/logs/${home.id}/${tile}`, { secret: home.live.secret });
    expect([status, headers.get('allow')]).toEqual([405, 'GET']);
  });
});

describe('reading without a credential', async () => {
  const limited = await createTestService(database, { TOOKEN_RATE_REQUESTS: '5/3600s' });
  const read = (workspace: { id: string }, address: string) =>
    limited.call('GET', `/logs/${workspace.id}/checkpoint`, { address });

  it('is limited for each source, whether the tree is public or not', async () => {
    const open = await limited.addWorkspace('open');
    const closed = await limited.addWorkspace('closed');
    await publish(open, true);
    for (const [workspace, status, address] of [
      [open, 200, '198.51.100.1'],
      [closed, 401, '198.51.100.2'],
    ] as const) {
      for (let n = 0; n < 5; n += 1) expect((await read(workspace, address)).status).toBe(status);
      const refused = await read(workspace, address);
      expect([refused.status, refused.body.error]).toEqual([429, 'rate_limited']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await read(open, '198.51.100.3')).status).toBe(200);
  });
});
