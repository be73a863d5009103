import { openEvidence } from '../../src/audit/evidence.ts';
import { newId } from '../../src/lib/ids.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import type { Session } from '../../src/operator/session.ts';
import { createDeps } from '../keys/deps.ts';
import { dataDirOf } from '../support/data-dir.ts';
import { silentLogger } from '../support/silent-logger.ts';

/** A session as a command has it, on a database of the test. */
export function createSession(target: Parameters<typeof createDeps>[0]): Session {
  const deps = createDeps(target);
  const evidence = openEvidence({
    ...deps,
    logger: silentLogger,
    wrappingKey: Buffer.alloc(32, 11),
    publicUrl: 'https://tooken.example.com',
    dataDir: dataDirOf(target.database),
    witnesses: [],
  });
  return {
    ...deps,
    ...evidence,
    mailer: createMailer({ smtp: undefined, clock: deps.clock, logger: silentLogger }),
    request: { id: newId('req', deps), method: 'CLI', route: 'test', ip: null, userAgent: null },
  };
}
