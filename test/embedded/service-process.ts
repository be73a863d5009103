/** A process that does nothing but hold an embedded PostgreSQL: says what it got in one line, stops on SIGTERM. */
import { pathToFileURL } from 'node:url';
import type * as Launch from '../../src/db/embedded/launch.ts';

const [launcher = '', dataDir = '', durability] = process.argv.slice(2);
const { launchEmbeddedPostgres } = (await import(pathToFileURL(launcher).href)) as typeof Launch;

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

try {
  const server = await launchEmbeddedPostgres({ dataDir, durable: durability === 'durable' });
  const idle = setInterval(() => {}, 1_000);
  process.on('SIGINT', () => say({ interrupted: true }));
  process.on('SIGTERM', () => {
    clearInterval(idle);
    server.stop().then(
      () => say({ stopped: true }),
      (error: unknown) => say({ error: String(error) }),
    );
  });
  say({ owner: server.owner, app: server.app });
} catch (error) {
  say({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
