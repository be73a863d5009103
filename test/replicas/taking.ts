import type { OAUTH_OPERATIONS, OPERATIONS } from '../../src/rights/rights.ts';

/** Something that takes a right away. */
export interface Taking {
  /** In the table of who may call what, or `tooken` for a command. */
  readonly operation: keyof typeof OPERATIONS | keyof typeof OAUTH_OPERATIONS | 'tooken';
  readonly what: string;
  /** Prepares, and returns what takes the right. */
  prepare(): Promise<() => Promise<unknown>>;
}
