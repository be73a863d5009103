import { ServiceError } from './errors.ts';

/** The revisions of which a caller will change one; undefined for any. */
export type ExpectedRevisions = readonly number[] | undefined;

/** Throws `precondition_failed` if the caller expects another state than there is. */
export function requireRevision(expected: ExpectedRevisions, revision: number): void {
  if (expected !== undefined && !expected.includes(revision)) throw new ServiceError('precondition_failed');
}
