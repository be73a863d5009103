import { type ConnectionTarget, openPool } from '../../src/db/connection.ts';
import { eraseSubject } from '../../src/introspection/erasure.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { WorkspaceId } from '../../src/lib/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';

// Erases an address in a process of its own, so that a test can kill it, and says a line after each batch:
// `erase-process.ts <target as JSON> <workspace id> <address>`.

const [target = '', workspaceId = '', address = ''] = process.argv.slice(2);
const { db, close } = openPool(JSON.parse(target) as ConnectionTarget, { maxConnections: 1, applicationName: 'erase' });
await eraseSubject(
  { db, clock: systemClock, random: systemRandom },
  {
    workspaceId: workspaceId as WorkspaceId,
    subject: { type: 'source', id: address },
    actor: { type: 'system', id: null, name: null },
    request: { id: 'req-erase', method: 'CLI', route: 'audit erase', ip: null, userAgent: null },
  },
  ({ payloads }) => process.stdout.write(`${payloads}\n`),
);
await close();
