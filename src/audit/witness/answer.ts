import type { Witness } from '../../config/witnesses.ts';
import { decodeUtf8 } from '../../lib/encoding.ts';
import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.ts';
import { type Cosignature, openCosignature } from '../core/cosignature.ts';
import { formatNote, NoteError, parseNote } from '../core/note.ts';
import { parseSize } from '../core/size.ts';
import { verifyEd25519 } from '../hashing.ts';
import type { Answer, Exchange } from './channel.ts';

/** What an answer means, by c2sp.org/tlog-witness. */
export type Reading =
  /** `line` is the witness's, verified, without its line feed. */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** Its last checkpoint of the log is of this size, which is not the old size it was told. */
  | { readonly kind: 'at_size'; readonly size: number }
  /** The same, or another root at the same size; it does not say. */
  | { readonly kind: 'conflict' }
  /** To it the log does not go on from what it has seen. */
  | { readonly kind: 'proof_refused' }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** Said in our own words, wherever it came from: an answer of a witness is never quoted. */
export type Problem =
  | 'unreachable'
  | 'timed_out'
  /** 5xx, or too many requests. */
  | 'unavailable'
  | 'redirected'
  /** 404: the log's verifier key has to be given to whoever runs the witness. */
  | 'log_unknown'
  /** 403: it has another key for the log. */
  | 'key_unknown'
  | 'proof_refused'
  | 'refused'
  | 'oversized'
  | 'malformed'
  /** 200, and no line by the key in the configuration. */
  | 'not_cosigned'
  | 'bad_cosignature'
  /** The time in it is that of no clock that is nearly right. */
  | 'implausible_time'
  /** It says one thing and then another, or has signed what it denies. */
  | 'contradictory';

export interface AnswerContext {
  readonly witness: Witness;
  readonly checkpoint: StoredCheckpoint;
  readonly now: Date;
}

export function readAnswer(exchange: Exchange, context: AnswerContext): Reading {
  if ('problem' in exchange) return failed(exchange.problem);
  const { status } = exchange;
  if (status === 200) return readCosignature(exchange, context);
  if (status === 409) return readConflict(exchange);
  if (status === 422) return { kind: 'proof_refused' };
  if (status === 429 || status >= 500) return failed('unavailable');
  if (status === 404) return failed('log_unknown');
  if (status === 403) return failed('key_unknown');
  return failed(status >= 300 && status < 400 ? 'redirected' : 'refused');
}

export const failed = (problem: Problem): Reading & { readonly kind: 'failed' } => ({ kind: 'failed', problem });

/** The size counts only if it is told as the specification has it: a proxy may have its own reasons for a 409. */
function readConflict({ contentType, body }: Answer): Reading {
  const text = body.toString('latin1');
  const size = text.endsWith('\n') ? parseSize(text.slice(0, -1)) : undefined;
  if (contentType.split(';')[0]?.trim() !== 'text/x.tlog.size' || size === undefined) return { kind: 'conflict' };
  return { kind: 'at_size', size };
}

/** A witness may send lines of keys that nobody here knows; each is looked at by itself, so that none spoils another. */
function readCosignature({ body }: Answer, { witness, checkpoint, now }: AnswerContext): Reading {
  const text = decodeUtf8(body);
  if (text === undefined) return failed('malformed');
  const own = text.split('\n').filter((line) => line.startsWith(`— ${witness.key.name} `));
  for (const line of own) {
    try {
      const { timestamp } = openLine(parseNote(checkpoint.note).text, line, witness);
      return isPlausible(timestamp, checkpoint, now) ? { kind: 'cosigned', line } : failed('implausible_time');
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      if (error.code !== 'unknown_key') return failed(error.code === 'malformed' ? 'malformed' : 'bad_cosignature');
    }
  }
  return failed('not_cosigned');
}

/** The witness's cosignature in `line`, over the text of a checkpoint. Throws a NoteError if it is none. */
export function openLine(body: string, line: string, { key }: Witness): Cosignature {
  const note = parseNote(formatNote(body, [`${line}\n`]));
  return openCosignature({ verify: verifyEd25519 }, note, key);
}

const TOLERANCE_MS = 5 * 60_000;

/** A checkpoint cannot have been cosigned before it was signed, nor later than now. */
function isPlausible(timestampSeconds: number, { createdAt }: StoredCheckpoint, now: Date): boolean {
  const at = timestampSeconds * 1000;
  return at >= createdAt.getTime() - TOLERANCE_MS && at <= now.getTime() + TOLERANCE_MS;
}
