import { openEvidence } from '../../src/audit/evidence.ts';
import { drainForRead } from '../../src/audit/sequencer/drain.ts';
import { type ConnectionTarget, openPool } from '../../src/db/connection.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';

// Drains one log and signs for it in a process of its own, so that a test can kill it at each step:
// `sign-process.ts <target as JSON> <log id> <evidence options as JSON>`.

const [target = '', logId = '', options = ''] = process.argv.slice(2);
const { db, close } = openPool(JSON.parse(target) as ConnectionTarget, {
  maxConnections: 1,
  applicationName: 'signer',
});
const { wrappingKey, ...rest } = JSON.parse(options) as { wrappingKey: string; publicUrl: string; dataDir: string };
const logger = { log: () => {}, isEnabled: () => false };
const { checkpoints } = openEvidence({
  ...rest,
  db,
  logger,
  witnesses: [],
  wrappingKey: Buffer.from(wrappingKey, 'hex'),
  clock: systemClock,
  random: systemRandom,
});
await checkpoints.covering(logId, await drainForRead(db, logId));
await close();
