import { createHmac, createSecretKey } from 'node:crypto';
import type { OpaqueSecret } from '../../credentials/opaque-secret.ts';
import { constantTimeEqual } from '../../lib/constant-time.ts';
import type { MemberId, SessionId, WorkspaceId } from '../../lib/ids.ts';

/** What failures are counted under: 32 bytes that tell nobody without the key which email or device they stand for. */
declare const counterBrand: unique symbol;
export type CounterKey = Buffer & { readonly [counterBrand]: true };

/** The keyed digests that signing in uses, each for one purpose. */
export interface SignInKeys {
  /** Of an email in a workspace, or in what was given as one: whether or not anybody has it. */
  accountCounter(workspace: WorkspaceId | string, email: string): CounterKey;
  /** Of a device, for one member. */
  deviceCounter(device: OpaqueSecret, memberId: MemberId): CounterKey;
  /** Of what is tried from within a session. */
  sessionCounter(sessionId: SessionId): CounterKey;
  /** Of codes that a signed-in member has to give where its password is not enough, and must not clear it. */
  codeCounter(memberId: MemberId): CounterKey;
  /** That a member of this generation has signed in with the device. */
  binding(device: OpaqueSecret, memberId: MemberId, generation: number): string;
  /** What forms carry that pages of a browser with this cookie show: a page of somebody else cannot know it. */
  csrfToken(cookie: OpaqueSecret): string;
  /** Seals `text` so that {@link isSealed} knows it again. */
  seal(text: string): string;
  isSealed(text: string, mac: string): boolean;
}

/** 128 bits are more than anybody guesses at our door, and keep the cookie short. */
const SHORT_BYTES = 16;

export function createSignInKeys(macKey: Uint8Array): SignInKeys {
  const key = createSecretKey(macKey);
  // As JSON, so that no two lists of parts read alike.
  const mac = (...parts: readonly (string | number)[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest();
  const short = (...parts: readonly (string | number)[]) =>
    mac(...parts)
      .subarray(0, SHORT_BYTES)
      .toString('base64url');
  return {
    accountCounter: (workspace, email) => mac('account', workspace, email) as CounterKey,
    deviceCounter: (device, memberId) => mac('device', device, memberId) as CounterKey,
    sessionCounter: (sessionId) => mac('session', sessionId) as CounterKey,
    codeCounter: (memberId) => mac('code', memberId) as CounterKey,
    binding: (device, memberId, generation) => short('binding', device, memberId, generation),
    csrfToken: (cookie) => short('csrf', cookie),
    seal: (text) => short('seal', text),
    isSealed: (text, given) => constantTimeEqual(Buffer.from(short('seal', text)), Buffer.from(given)),
  };
}
