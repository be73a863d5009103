import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import { runAsOwner, startTestServer } from './server.ts';

/** Once per run: one server, with one migrated database that every test file's own is copied from. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer();
  const template = `tooken_template_${process.pid}`;
  const hasAppRole = server.app.user !== server.owner.user;
  try {
    await runAsOwner(server.owner, `create database ${template}`);
    await migrate({ ...server.owner, database: template }, hasAppRole ? server.app.user : undefined);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('testServer', { owner: server.owner, app: server.app, template });
  return async () => {
    await runAsOwner(server.owner, `drop database ${template} with (force)`);
    await server.stop();
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    testServer: import('./server.ts').TestServer & { readonly template: string };
  }
}
