import type { Invalidated } from './invalidate.ts';
import type { Subject } from './subject.ts';

/**
 * What replicas tell each other through NOTIFY, after commits. A message only hurries what the tables would bring about
 * anyway: lost, it costs time and never truth.
 */
export const TELL_CHANNEL = 'tooken_tell';

/** Changes that have been committed, told to all replicas. */
export interface Tell {
  readonly changes: readonly Invalidated[];
  /** Who waits for confirmations, and for which fence; null asks for a renewal instead. */
  readonly replyTo: ReplyAddress | null;
}

export interface ReplyAddress {
  readonly channel: string;
  readonly fence: number;
}

/** PostgreSQL takes 8,000 bytes. */
const MAX_MESSAGE_BYTES = 7_900;

/** What is too much for one message is not told in it: who gets it has to read. */
export function encodeTell({ changes, replyTo }: Tell): string {
  const text = JSON.stringify({ changes: changes.map(({ xid, subjects }) => [String(xid), subjects]), replyTo });
  return text.length <= MAX_MESSAGE_BYTES ? text : ASK_TO_READ;
}

/** Asks all replicas to renew at once. */
export const ASK_TO_READ = JSON.stringify({ changes: [], replyTo: null });

/** The message in `text`, or undefined if it is none that a replica of this version sends. */
export function decodeTell(text: string): Tell | undefined {
  try {
    const { changes, replyTo } = JSON.parse(text) as {
      changes: [string, Subject[]][];
      replyTo: ReplyAddress | null;
    };
    return { changes: changes.map(([xid, subjects]) => ({ xid: BigInt(xid), subjects })), replyTo };
  } catch {
    return undefined;
  }
}

/** That a registration has applied what a fence told. */
export interface Confirmation {
  readonly fence: number;
  readonly registrationId: string;
}

export function encodeConfirmation({ fence, registrationId }: Confirmation): string {
  return `${fence} ${registrationId}`;
}

export function decodeConfirmation(text: string): Confirmation | undefined {
  const [fence, registrationId] = text.split(' ');
  return registrationId === undefined ? undefined : { fence: Number(fence), registrationId };
}
