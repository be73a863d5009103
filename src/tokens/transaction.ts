import { activityOf, type Database, inTransaction, type Transaction } from '../db/connection.ts';
import { databaseErrorCode } from '../db/errors.ts';

const MAX_ATTEMPTS = 4;
const DEADLOCK = '40P01';

/**
 * Runs `work` in one transaction. Locks are taken in the order of ids, but a revocation that follows a line of descent
 * cannot know all ids beforehand; should it and another end up waiting for each other, PostgreSQL undoes one of the two,
 * and that one starts over.
 */
export async function inTokenTransaction<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(db, work);
    } catch (error) {
      if (databaseErrorCode(error) !== DEADLOCK || attempt === MAX_ATTEMPTS) throw error;
      activityOf(db)?.retried();
    }
  }
}
