import { and, count, eq, isNotNull, isNull, lt } from 'drizzle-orm';
import type { Database, Transaction } from '../../db/connection.ts';
import { memberTotp, recoveryCodes } from '../../db/schema/members.ts';
import { idToUuid, type MemberId } from '../../lib/ids.ts';

/** The authenticator app of a member, as it is kept. */
export interface StoredTotp {
  readonly sealedSecret: Buffer;
  readonly createdAt: Date;
  /** Null while it is being enrolled. */
  readonly enabledAt: Date | null;
}

export async function selectTotp(
  executor: Database | Transaction,
  memberId: MemberId,
): Promise<StoredTotp | undefined> {
  const [row] = await executor
    .select({
      sealedSecret: memberTotp.sealedSecret,
      createdAt: memberTotp.createdAt,
      enabledAt: memberTotp.enabledAt,
    })
    .from(memberTotp)
    .where(isOf(memberId));
  return row;
}

/** Keeps the secret of an app that is being enrolled, in the place of one that was. */
export async function putPendingTotp(
  tx: Transaction,
  memberId: MemberId,
  { sealedSecret, createdAt }: { readonly sealedSecret: Buffer; readonly createdAt: Date },
): Promise<void> {
  await tx
    .insert(memberTotp)
    .values({ memberId: idToUuid(memberId), sealedSecret, createdAt })
    .onConflictDoUpdate({
      target: memberTotp.memberId,
      set: { sealedSecret, createdAt, enabledAt: null, lastStep: 0 },
      setWhere: isNull(memberTotp.enabledAt),
    });
}

/** Turns the app on with the code of `step`, which is used up by that. */
export async function enableTotp(tx: Transaction, memberId: MemberId, enabledAt: Date, step: number): Promise<void> {
  await tx.update(memberTotp).set({ enabledAt, lastStep: step }).where(isOf(memberId));
}

/** Forgets the app, and the recovery codes with it. */
export async function removeTotp(tx: Transaction, memberId: MemberId): Promise<void> {
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.memberId, idToUuid(memberId)));
  await tx.delete(memberTotp).where(isOf(memberId));
}

/**
 * Uses up the code of `step`. False if that or a later one was used before: the last step only grows, in one statement, so that
 * of two who present one code at the same time one is refused.
 */
export async function useStep(tx: Transaction, memberId: MemberId, step: number): Promise<boolean> {
  const used = await tx
    .update(memberTotp)
    .set({ lastStep: step })
    .where(and(isOf(memberId), isNotNull(memberTotp.enabledAt), lt(memberTotp.lastStep, step)))
    .returning({ step: memberTotp.lastStep });
  return used.length === 1;
}

/** Uses up a recovery code. False if there is none of that digest, or it was used before, at the same moment too. */
export async function useRecoveryCode(
  tx: Transaction,
  memberId: MemberId,
  digest: Buffer,
  usedAt: Date,
): Promise<boolean> {
  const used = await tx
    .update(recoveryCodes)
    .set({ usedAt })
    .where(
      and(
        eq(recoveryCodes.memberId, idToUuid(memberId)),
        eq(recoveryCodes.digest, digest),
        isNull(recoveryCodes.usedAt),
      ),
    )
    .returning({ usedAt: recoveryCodes.usedAt });
  return used.length === 1;
}

/** The codes of these digests, in the place of all that the member had. */
export async function replaceRecoveryCodes(
  tx: Transaction,
  memberId: MemberId,
  digests: readonly Buffer[],
): Promise<void> {
  const owner = idToUuid(memberId);
  await tx.delete(recoveryCodes).where(eq(recoveryCodes.memberId, owner));
  await tx.insert(recoveryCodes).values(digests.map((digest) => ({ memberId: owner, digest })));
}

/** How many have not been used yet. */
export async function countRecoveryCodes(executor: Database | Transaction, memberId: MemberId): Promise<number> {
  const [row] = await executor
    .select({ left: count() })
    .from(recoveryCodes)
    .where(and(eq(recoveryCodes.memberId, idToUuid(memberId)), isNull(recoveryCodes.usedAt)));
  return row?.left ?? 0;
}

function isOf(memberId: MemberId) {
  return eq(memberTotp.memberId, idToUuid(memberId));
}
