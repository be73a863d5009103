import type { DigestFunction } from '../../src/credentials/digest.ts';
import type { Credential } from '../../src/credentials/format.ts';
import type { Database } from '../../src/db/connection.ts';
import { withinDeadline } from '../../src/db/deadline.ts';
import type { CredentialRecord } from '../../src/introspection/record.ts';
import type { Records } from '../../src/introspection/records.ts';
import { selectRecords } from '../../src/introspection/store.ts';

/** Callers would rather hear that we cannot tell than wait longer. */
const DEADLINE_MS = 3_000;

/** Records straight from the database, each time. */
export function createUncachedRecords(db: Database, digest: DigestFunction): Records {
  return {
    recall: () => undefined,
    async load(credentials) {
      const digests = credentials.map(digest);
      const { records } = await withinDeadline(selectRecords(db, digests), DEADLINE_MS);
      return new Map(
        credentials.flatMap((credential, index): [Credential, CredentialRecord][] => {
          const record = records.get(digests[index]?.toString('hex') ?? '');
          return record === undefined ? [] : [[credential, record]];
        }),
      );
    },
  };
}
