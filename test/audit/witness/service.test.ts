import { expect, onTestFinished, test } from 'vitest';
import { openCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import { openCosignature } from '../../../src/audit/core/cosignature.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256, verifyEd25519 } from '../../../src/audit/hashing.ts';
import { createTestDatabase, databaseUrl } from '../../support/database.ts';
import { MASTER_KEY } from '../../support/service.ts';
import { type ServiceProcess, startService } from '../../support/service-process.ts';
import * as log from '../log.ts';
import { startTrustingWitness } from './world.ts';

const database = await createTestDatabase();

/** With the empty line after them. */
const BODY_LINES = 4;

test('two processes serve, of one log, the cosignatures of two witnesses, which clients can verify', async () => {
  const witnesses = [await startTrustingWitness(database.app), await startTrustingWitness(database.app)];
  const env = {
    DATABASE_URL: databaseUrl(database.app),
    TOOKEN_MASTER_KEY: MASTER_KEY.toString('base64'),
    TOOKEN_PUBLIC_URL: 'https://tooken.example.com',
    TOOKEN_WITNESSES: witnesses.map(({ entry }) => entry).join(', '),
  };
  const first = await start(env);
  const second = await start(env);
  const headers = { authorization: `Bearer ${first.apiKey}` };
  const get = async (url: string, path: string) => (await fetch(`${url}${path}`, { headers })).text();
  const { workspace } = JSON.parse(await get(first.url, '/v1/whoami')) as { workspace: string };
  const key = (await get(first.url, `/logs/${workspace}/key`)).trim();
  const options = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
  for (const [n, { url }] of [first, second, first, second].entries()) {
    const created = await fetch(`${url}/v1/tokens`, {
      ...options,
      body: JSON.stringify({ name: `token ${n}`, scopes: ['a:read'] }),
    });
    expect(created.status).toBe(201);
  }
  for (const { url } of [first, second]) {
    let served = '';
    await log.until(async () => {
      served = await get(url, `/logs/${workspace}/checkpoint`);
      const lines = served.trimEnd().split('\n');
      return Number(lines[1]) >= 4 && lines.length === BODY_LINES + 1 + witnesses.length;
    });
    const { checkpoint, note } = openCheckpoint({ verify: verifyEd25519 }, served, parseVerifierKey(sha256, key));
    expect(checkpoint.origin).toBe(`tooken.example.com/logs/${workspace}`);
    for (const { verifierKey, name } of witnesses) {
      const { witness } = openCosignature({ verify: verifyEd25519 }, note, parseVerifierKey(sha256, verifierKey));
      expect(witness).toBe(name);
    }
  }
}, 60_000);

async function start(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startService(env);
  onTestFinished(() => service.kill());
  return service;
}
