import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AttachOptions, attachDatabase } from '../../src/db/attach.ts';
import { launchEmbeddedPostgres } from '../../src/db/embedded/launch.ts';
import { findPostmaster } from '../../src/db/embedded/postmaster.ts';
import { migrate } from '../../src/db/migrate.ts';
import { StartupError } from '../../src/lib/startup-error.ts';
import { scratch } from '../embedded/scratch.ts';

function optionsFor(dataDir: string, purpose: AttachOptions['purpose']): AttachOptions {
  return { databaseUrl: undefined, migrationDatabaseUrl: undefined, dataDir, maxConnections: 1, purpose };
}

const serverOf = (dataDir: string) => findPostmaster(join(dataDir, 'postgres/cluster'));

/** Works for a while on a database of its own accord, and says by which server. */
async function work(dataDir: string): Promise<number | undefined> {
  const database = await attachDatabase(optionsFor(dataDir, 'use'));
  try {
    for (let n = 0; n < 5; n += 1) await database.db.$client`select count(*), pg_sleep(0.01) from workspaces`;
    return await serverOf(dataDir);
  } finally {
    await database.close();
  }
}

describe('a command without DATABASE_URL', { timeout: 60_000 }, () => {
  test('makes no database unless that is its purpose', async () => {
    const dataDir = join(await scratch(), 'data');
    await expect(attachDatabase(optionsFor(dataDir, 'use'))).rejects.toThrow(StartupError);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('that is to set up makes one, which the next command finds; neither leaves a server behind', async () => {
    const dataDir = await scratch();
    const first = await attachDatabase(optionsFor(dataDir, 'set_up'));
    expect(first.applied).toBeGreaterThan(0);
    await first.close();
    expect(await serverOf(dataDir)).toBeUndefined();
    expect(await work(dataDir)).toBeDefined();
    expect(await serverOf(dataDir)).toBeUndefined();
  });

  test('joins the server of a running service and leaves it running', async () => {
    const dataDir = await scratch();
    const service = await launchEmbeddedPostgres({ dataDir, durable: false });
    await expect(attachDatabase(optionsFor(dataDir, 'use'))).rejects.toThrow('Run `tooken migrate`');
    await migrate(service.owner, service.app.user);
    const server = await serverOf(dataDir);
    expect(await Promise.all([work(dataDir), work(dataDir)])).toEqual([server, server]);
    expect(await serverOf(dataDir)).toBe(server);
    await service.stop();
  });

  test('shares a server with others that run at the same time, whoever started it', async () => {
    const dataDir = await scratch();
    await (await attachDatabase(optionsFor(dataDir, 'set_up'))).close();
    // Each begins before the one before has ended, or just after.
    const commands = [];
    for (let n = 0; n < 6; n += 1) {
      const command = work(dataDir);
      commands.push(command);
      if (n % 2 === 1) await command;
    }
    for (const server of await Promise.all(commands)) expect(server).toBeDefined();
    expect(await serverOf(dataDir)).toBeUndefined();
  });
});
