import { type Database, inTransaction, type Transaction } from '../../db/connection.ts';
import type { Clock } from '../../lib/clock.ts';
import { utf8 } from '../core/base64.ts';
import { formatCheckpoint } from '../core/checkpoint.ts';
import { formatNote, formatSignatureLine } from '../core/note.ts';
import { lockLog, openHead } from '../sequencer/sequencer-store.ts';
import { readRoot, writeFullTiles } from '../sequencer/tree.ts';
import { isSignedBy } from './checkpoint-signature.ts';
import {
  haltLog,
  insertCheckpoint,
  type StoredCheckpoint,
  selectLatestCheckpoint,
  selectLogState,
} from './checkpoint-store.ts';
import type { LogKey, LogKeys } from './log-key.ts';
import { nameOfLog } from './log-name.ts';
import type { SigningGuard, SigningLog, TreeHead } from './signing-guard.ts';

export interface SignerDeps {
  readonly db: Database;
  readonly logKeys: LogKeys;
  readonly guards: readonly SigningGuard[];
  readonly clock: Clock;
}

/** What came of an attempt to sign for a log. */
export type Signing =
  /** Now, or before already: all that the log has is covered. */
  | { readonly kind: 'signed' | 'known'; readonly stored: StoredCheckpoint }
  /** `refused` is the attempt that stopped the log; later ones find it halted. */
  | { readonly kind: 'refused' | 'halted'; readonly reason: string }
  /** Another process works on this log. */
  | { readonly kind: 'busy' };

/**
 * Signs and stores a checkpoint of all that a log has. The size is read, compared with what was signed before, signed and
 * stored under the lock of the log, in one transaction; so of two replicas at it the second finds the first one's.
 */
export async function signLog(deps: SignerDeps, logId: string, { wait }: { wait: boolean }): Promise<Signing> {
  await prepareLog(deps, logId);
  for (const guard of deps.guards) await guard.prepare?.(logId);
  return await inTransaction(deps.db, async (tx) => {
    if (!(await lockLog(tx, logId, { wait }))) return { kind: 'busy' };
    const state = await selectLogState(tx, logId);
    if (state === undefined) throw new Error(`the audit log ${logId} has no head`);
    if (state.haltReason !== null) return { kind: 'halted', reason: state.haltReason };
    // Nearly always there are none to write: a drain writes those that it fills.
    await writeFullTiles(tx, logId, state.size);
    const key = await deps.logKeys.openNewest(tx, logId);
    if (key === undefined) return await refuse(tx, logId, FOREIGN_KEY);
    const last = await selectLatestCheckpoint(tx, logId);
    const rootAt = (size: number) => readRoot(tx, logId, state.size, size);
    const next = { size: state.size, root: await rootAt(state.size) };
    const refusal = await findRefusal(deps.guards, { ...key, logId }, next, last, rootAt);
    if (refusal !== undefined) return await refuse(tx, logId, refusal);
    if (last?.size === next.size) return { kind: 'known', stored: last };
    const signed = { ...signTreeHead(key, logId, next), createdAt: deps.clock.now() };
    for (const guard of deps.guards) await guard.afterSigning?.(signed);
    await insertCheckpoint(tx, signed);
    // Commit point. A crash before it leaves the log with the checkpoint it had; what was signed has gone nowhere but
    // into the file, which is then ahead of the stored checkpoints and not of the log. The next attempt signs that size
    // or a larger one, of the same tree. After it the checkpoint is stored and may be served, whether or not we live to
    // hear so: the next attempt starts from it. A refusal is stored, or found again.
    return { kind: 'signed', stored: signed };
  });
}

const FOREIGN_KEY =
  'The newest key of the log in the database is none that this installation has made for it: somebody has put it there, or changed it.';

async function refuse(tx: Transaction, logId: string, refusal: string): Promise<Signing> {
  const reason = `${refusal} Restore a newer backup, or begin anew with \`tooken audit reopen ${nameOfLog(logId)}\`.`;
  await haltLog(tx, logId, reason);
  return { kind: 'refused', reason };
}

/** Sees to the key and the tiles that a signature needs. They are committed before anything is signed. */
async function prepareLog({ db, logKeys }: SignerDeps, logId: string): Promise<void> {
  if ((await logKeys.find(db, logId)) !== undefined) return;
  let isTiled = false;
  while (!isTiled) {
    // A log from before there were tiles gets them in portions.
    isTiled = await inTransaction(db, async (tx) => {
      await lockLog(tx, logId, { wait: true });
      const { size } = await openHead(tx, logId);
      if (!(await writeFullTiles(tx, logId, size))) return false;
      if ((await logKeys.find(tx, logId)) === undefined) await logKeys.make(tx, logId, 1);
      return true;
      // Commit point. A crash before it leaves no key, and nothing is signed with it; after it the log has its key for
      // good. A key that came into being in the transaction that signs could be lost after it had signed.
    });
  }
}

/** Why nothing may be signed for the log any more; undefined if all is well. */
async function findRefusal(
  guards: readonly SigningGuard[],
  log: SigningLog,
  next: TreeHead,
  last: StoredCheckpoint | undefined,
  rootAt: (size: number) => Promise<Buffer>,
): Promise<string | undefined> {
  if (last !== undefined && !isSignedBy(log.verifier, last)) {
    return 'The last checkpoint in the database is none that was signed for this log: somebody has put it there, or changed it.';
  }
  if (last !== undefined && last.size > next.size) {
    return `The log has ${next.size} events, and a checkpoint of ${last.size} was signed: some were taken out of it.`;
  }
  if (last !== undefined && !(await rootAt(last.size)).equals(last.root)) {
    return `The first ${last.size} events are not those that a checkpoint was signed for: the log was changed.`;
  }
  for (const guard of guards) {
    const refusal = await guard.beforeSigning(log, next, last, rootAt);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function signTreeHead({ generation, origin, verifier, sign }: LogKey, logId: string, { size, root }: TreeHead) {
  const body = formatCheckpoint({ origin, size, root });
  const line = formatSignatureLine(origin, verifier.keyId, sign(utf8(body)));
  return { logId, generation, origin, size, root, note: formatNote(body, [line]), cosignatures: [] };
}
