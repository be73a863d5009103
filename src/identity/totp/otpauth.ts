import { encodeBase32 } from './base32.ts';
import { CODE_DIGITS } from './hotp.ts';
import { STEP_SECONDS } from './totp.ts';

/** What an authenticator app is told, apart from the secret. */
interface OtpauthLabel {
  /** Whose codes they are, for somebody with many entries: the service. */
  readonly issuer: string;
  /** Of whom. */
  readonly account: string;
}

/**
 * The URI that authenticator apps read from a QR code, in the form they have agreed on (Google's "Key Uri Format"):
 *
 *     otpauth://totp/Tooken:ada%40example.com?secret=JBSWY3DP…&issuer=Tooken&algorithm=SHA1&digits=6&period=30
 *
 * A colon divides issuer and account, so neither keeps one of its own. Long ones are cut, or no QR code would hold them.
 */
export function otpauthUri(secret: Uint8Array, { issuer, account }: OtpauthLabel): string {
  const [service, name] = [escapeLabel(issuer), escapeLabel(account)];
  const parameters = [
    `secret=${encodeBase32(secret)}`,
    `issuer=${service}`,
    'algorithm=SHA1',
    `digits=${CODE_DIGITS}`,
    `period=${STEP_SECONDS}`,
  ];
  return `otpauth://totp/${service}:${name}?${parameters.join('&')}`;
}

const MAX_CHARACTERS = 64;

function escapeLabel(text: string): string {
  return encodeURIComponent(Array.from(text.replaceAll(':', ' ')).slice(0, MAX_CHARACTERS).join(''));
}
