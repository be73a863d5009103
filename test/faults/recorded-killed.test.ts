import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { send } from '../support/answer.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

const ROUNDS = inject('faultRun') === 'long' ? 20 : 3;
const ASKERS = 16;
const LONGEST_ROUND_MS = 1_000;

it(`after ${ROUNDS} kills at random moments every introspection that was answered has its record`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tooken-recorded-'));
  const env = { TOOKEN_DATA_DIR: dataDir, TOOKEN_RATE_REQUESTS: 'off', TOOKEN_LEASE_SECONDS: '0.2' };
  const answered = new Set<string>();
  let service = await startService(env);
  const { apiKey = '' } = service;
  try {
    const caller = { url: service.url, secret: apiKey };
    await send(caller, 'PATCH', '/v1/settings', { audited_introspections: 'all' });
    const { body } = await send(caller, 'POST', '/v1/tokens', { name: 'asked about', scopes: ['a:read'] });
    for (let round = 0; round < ROUNDS; round += 1) {
      let isOver = false;
      const asking = Array.from({ length: ASKERS }, async (_, n) => {
        for (let count = 0; !isOver; count += 1) {
          const id = `r${round}-${n}-${count}`;
          if (await ask(service, { apiKey, token: body.secret, id })) answered.add(id);
          else break;
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * LONGEST_ROUND_MS));
      await service.kill();
      isOver = true;
      await Promise.all(asking);
      service = await startService(env);
    }
    const recorded = await recordedRequests({ url: service.url, secret: apiKey });
    expect(answered.size).toBeGreaterThan(ROUNDS * ASKERS);
    expect([...answered].filter((id) => !recorded.has(id))).toEqual([]);
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

/** Whether a whole verdict came back; any other end of the request tells nothing. */
async function ask(
  { url }: ServiceProcess,
  { apiKey, token, id }: { readonly apiKey: string; readonly token: string; readonly id: string },
): Promise<boolean> {
  try {
    const response = await fetch(`${url}/v1/tokens/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'x-request-id': id },
      body: new URLSearchParams({ token }),
    });
    return response.ok && (await response.text()).startsWith('{"active":true');
  } catch {
    return false;
  }
}

async function recordedRequests(caller: { readonly url: string; readonly secret: string }): Promise<Set<string>> {
  const recorded = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = `/v1/audit-log?action=token.introspected&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await send(caller, 'GET', page);
    for (const { id, count } of body.data) {
      const records = await send(caller, 'GET', `/v1/audit-log/${id}/introspections`);
      expect(records.body.data).toHaveLength(count);
      for (const { request_id } of records.body.data) recorded.add(request_id);
    }
    cursor = body.next_cursor;
  }
  return recorded;
}
