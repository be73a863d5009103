import { toBase64 } from '../../../audit/core/base64.ts';
import type { VerifyEd25519 } from '../../../audit/core/verifier-key.ts';

export interface Judged<Verdict> {
  readonly verdict: Verdict;
  /** False if this browser cannot check Ed25519: then the verdict takes every signature for good. */
  readonly areSignaturesChecked: boolean;
}

/**
 * Lets `judge` ask at once whether signatures are good, which a browser tells only later: it takes those that it does not
 * know yet for good, they are checked when it is done, and if one is not, it judges anew, with all that is known by then.
 */
export async function judgeSignatures<Verdict>(
  judge: (verify: VerifyEd25519) => Promise<Verdict>,
): Promise<Judged<Verdict>> {
  const known = new Map<string, boolean>();
  for (;;) {
    const asked = new Map<string, readonly [key: Uint8Array, message: Uint8Array, signature: Uint8Array]>();
    const verdict = await judge((...question) => {
      const name = question.map(toBase64).join(' ');
      const answer = known.get(name);
      if (answer === undefined) asked.set(name, question);
      return answer ?? true;
    });
    if (asked.size > 0 && !(await canCheckEd25519())) return { verdict, areSignaturesChecked: false };
    for (const [name, question] of asked) known.set(name, await isSigned(...question));
    if ([...asked.keys()].every((name) => known.get(name) === true)) return { verdict, areSignaturesChecked: true };
  }
}

/** RFC 8032, section 7.1, test 1. */
const KNOWN_KEY = Uint8Array.from([
  0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
  0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
]);

/** Browsers know it since 2023 to 2025, and only on pages that came by HTTPS or from this machine. */
async function canCheckEd25519(): Promise<boolean> {
  try {
    await importKey(KNOWN_KEY);
    return true;
  } catch {
    return false;
  }
}

/** False, too, for what is no key. */
async function isSigned(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const key = await importKey(publicKey);
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message));
  } catch {
    return false;
  }
}

function importKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(bytes), 'Ed25519', false, ['verify']);
}
