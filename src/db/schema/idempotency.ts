import { index, integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant } from './columns.ts';

/**
 * First answers of requests that carried an Idempotency-Key. `key_digest` binds principal, environment, method, path
 * and key; `answer` is sealed under a key that needs the Idempotency-Key itself, and null once the secret in it died.
 */
export const idempotentAnswers = pgTable(
  'idempotent_answers',
  {
    keyDigest: bytea('key_digest').primaryKey(),
    requestDigest: bytea('request_digest').notNull(),
    status: integer('status').notNull(),
    answer: bytea('answer'),
    /** The API key or token whose secret the answer holds, if it holds one. */
    subjectId: uuid('subject_id'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('idempotent_answers_by_subject').on(table.subjectId),
    index('idempotent_answers_by_age').on(table.createdAt),
  ],
);
