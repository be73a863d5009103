import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import { compileBrowserScripts } from './browser-scripts.ts';
import { dropDatabases, runAsOwner, startTestServer, type TestServer } from './server.ts';

/**
 * Once per run: what browsers get of these sources, and one server, with one migrated database that every test file's own
 * is copied from.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compileBrowserScripts();
  const server = await startTestServer();
  const prefix = `tooken_test_${crypto.randomUUID().slice(0, 8)}`;
  const template = `${prefix}_template`;
  const hasAppRole = server.app.user !== server.owner.user;
  try {
    await runAsOwner(server.owner, `create database ${template}`);
    await migrate({ ...server.owner, database: template }, hasAppRole ? server.app.user : undefined);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('testServer', { owner: server.owner, app: server.app, prefix, template });
  return async () => {
    try {
      await dropDatabases(server.owner, prefix);
      await server.stop();
    } catch (error) {
      process.exitCode = 1; // Vitest prints what a teardown throws, but calls the run a success.
      throw error;
    }
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: TestServer & { readonly prefix: string; readonly template: string };
  }
}
