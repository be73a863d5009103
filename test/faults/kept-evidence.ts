import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tooken } from '../cli/command-line.ts';

interface Service {
  readonly url: string;
  readonly apiKey: string;
}

/** What somebody outside keeps of an audit log while its service lives through faults. */
export interface KeptEvidence {
  /** Keeps the checkpoint that the service shows now. */
  keep(service: Service): Promise<void>;
  /** Fails unless an export made now verifies offline, with the key of the beginning, as what continues every kept checkpoint. */
  expectUnbroken(service: Service): Promise<void>;
}

export async function startKeeping(service: Service): Promise<KeptEvidence> {
  const { workspace } = await get(service, '/v1/whoami').then((text) => JSON.parse(text));
  const log = `/logs/${workspace}`;
  const key = (await get(service, `${log}/key`)).trim();
  const kept: string[] = [];
  return {
    async keep(now) {
      kept.push(await get(now, `${log}/checkpoint`));
    },
    async expectUnbroken(now) {
      const directory = await mkdtemp(join(tmpdir(), 'tooken-kept-'));
      try {
        const file = join(directory, 'export.ndjson');
        await writeFile(file, await get(now, '/v1/audit-log/export'));
        const previous: string[] = [];
        for (const [n, checkpoint] of kept.entries()) {
          const path = join(directory, `${n}.checkpoint`);
          await writeFile(path, checkpoint);
          previous.push('--previous', path);
        }
        const { code, stderr } = await tooken({ env: {} }, 'audit', 'verify', file, '--key', key, ...previous);
        expect({ code, stderr }).toMatchObject({ code: 0 });
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  };
}

/** Retries after a 503: each connection of a pool may have to find out for itself that its server was killed. */
async function get({ url, apiKey }: Service, path: string): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    const text = await response.text();
    if (response.ok) return text;
    if (response.status !== 503 || attempt === MOST_ATTEMPTS) throw new Error(`${path}: ${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const MOST_ATTEMPTS = 40;
