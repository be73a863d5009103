import { generateSecret, type OpaqueSecret, parseSecret } from '../../credentials/opaque-secret.ts';
import type { MemberId } from '../../lib/ids.ts';
import type { Random } from '../../lib/random.ts';
import type { SignInKeys } from './keys.ts';

/**
 * A browser that somebody has signed in with before. Its cookie is
 *
 *     <device secret>.<binding>.<binding>….<MAC of all that>
 *
 * with a binding for each of the last few members that completed a sign-in there. Failures from such a device count by
 * themselves, so that a stranger who locks an email does not lock its owner out of the own browser. The cookie opens
 * nothing, and it says nobody's name.
 *
 * A binding is of one generation of the member: who changes or resets its password, or ends all its sessions, takes their
 * standing from older cookies as well. Whoever knew the old password may have collected any number of them, and each
 * would be five more guesses every quarter of an hour.
 */
export interface Device {
  readonly secret: OpaqueSecret;
  /** The newest first. */
  readonly bindings: readonly string[];
}

/** Whoever has more memberships than these signs in with the rest as on a new device. */
const MAX_BINDINGS = 5;

/** The device that a cookie of ours speaks of; undefined for any other text. */
export function readDevice(keys: SignInKeys, cookie: string | undefined): Device | undefined {
  if (cookie === undefined || cookie.length > MAX_COOKIE_LENGTH) return undefined;
  const end = cookie.lastIndexOf('.');
  const sealed = cookie.slice(0, Math.max(0, end));
  const [text = '', ...bindings] = sealed.split('.');
  const secret = parseSecret('device', text);
  if (secret === undefined || !keys.isSealed(sealed, cookie.slice(end + 1))) return undefined;
  return { secret, bindings };
}

const MAX_COOKIE_LENGTH = 512;

interface BoundMember {
  readonly id: MemberId;
  readonly generation: number;
}

/** Whether the member has signed in with the device, and nothing has ended that since. */
export function isBound(keys: SignInKeys, device: Device, { id, generation }: BoundMember): boolean {
  return device.bindings.includes(keys.binding(device.secret, id, generation));
}

/** The cookie of a device, a new one unless there is one, with which the member has now signed in. */
export function bindDevice(
  keys: SignInKeys,
  device: Device | undefined,
  { id, generation }: BoundMember,
  random: Random,
): string {
  const secret = device?.secret ?? generateSecret('device', random);
  const binding = keys.binding(secret, id, generation);
  const others = (device?.bindings ?? []).filter((other) => other !== binding);
  const sealed = [secret, binding, ...others].slice(0, 1 + MAX_BINDINGS).join('.');
  return `${sealed}.${keys.seal(sealed)}`;
}
