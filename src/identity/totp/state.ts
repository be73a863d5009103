import type { Database } from '../../db/connection.ts';
import type { MemberCaller } from '../principal.ts';
import { countRecoveryCodes, selectTotp } from './store.ts';

/** How it stands with the second factor of a member. */
export interface SecondFactorState {
  /** Since when it is asked for; null if it is not. */
  readonly enabledAt: Date | null;
  readonly recoveryCodesLeft: number;
}

export async function readOwnFactor(
  { db }: { readonly db: Database },
  { principal }: MemberCaller,
): Promise<SecondFactorState> {
  const stored = await selectTotp(db, principal.id);
  return { enabledAt: stored?.enabledAt ?? null, recoveryCodesLeft: await countRecoveryCodes(db, principal.id) };
}
