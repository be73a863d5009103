import { drain } from '../../src/audit/sequencer/drain.ts';
import { type ConnectionTarget, openPool } from '../../src/db/connection.ts';

// Drains one log in a process of its own, so that a test can kill it: `drain-process.ts <target as JSON> <log id>`.

const [target = '', logId = ''] = process.argv.slice(2);
const { db, close } = openPool(JSON.parse(target) as ConnectionTarget, { maxConnections: 1, applicationName: 'drain' });
await drain(db, logId, { wait: true });
await close();
