import type { MasterKey } from '../../credentials/master-key.ts';
import type { MemberId } from '../../lib/ids.ts';
import type { Random } from '../../lib/random.ts';
import { seal, unseal } from '../../lib/sealed-box.ts';
import { digestRecoveryCode, type RecoveryCode } from './recovery-codes.ts';

/** What keeps second factors from whoever has the database alone. */
export interface SecondFactorKeys {
  /** Seals the secret of an authenticator app, for this member alone. */
  sealSecret(memberId: MemberId, secret: Uint8Array, random: Random): Buffer;
  /** @throws Error if it was not sealed here, for this member, and unchanged since: the database was tampered with */
  openSecret(memberId: MemberId, sealed: Uint8Array): Buffer;
  /** What is stored of a recovery code. */
  digestCode(memberId: MemberId, code: RecoveryCode): Buffer;
}

export function createSecondFactorKeys(masterKey: MasterKey): SecondFactorKeys {
  const encryptionKey = masterKey.derive('totp-encryption');
  const digestKey = masterKey.derive('recovery-code-digest');
  const bindingOf = (memberId: MemberId) => `totp/${memberId}`;
  return {
    sealSecret: (memberId, secret, random) => seal(encryptionKey, secret, bindingOf(memberId), random),
    openSecret: (memberId, sealed) => {
      const secret = unseal(encryptionKey, sealed, bindingOf(memberId));
      if (secret === undefined) throw new Error('the secret of a second factor does not open');
      return secret;
    },
    digestCode: (memberId, code) => digestRecoveryCode(digestKey, memberId, code),
  };
}
