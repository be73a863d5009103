import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { Random } from '../lib/random.ts';
import { seal, unseal } from '../lib/sealed-box.ts';

/**
 * How the first answer to a request with an Idempotency-Key is kept, secret and all:
 *
 *     sealed = a sealed box (lib/sealed-box.ts) of the answer, bound to the digest of the request
 *     key    = HKDF-SHA-256(master's idempotency key, salt = SHA-256-sized digest of the request, info = "seal" ‖ Idempotency-Key)
 *
 * Opening takes the master key, which the database never sees, *and* the Idempotency-Key, which nobody but the client
 * keeps. Requests are found by a keyed digest, so the database does not even allow to try likely keys.
 */
export interface IdempotentRequest {
  /** Binds principal, environment, method, path and Idempotency-Key. */
  readonly keyDigest: Buffer;
  /** Binds the body too: two requests with one key have to be the same request. */
  readonly requestDigest: Buffer;
  readonly key: string;
}

/** What makes two requests the same. */
export interface RequestIdentity {
  readonly principalId: string;
  readonly environment: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface AnswerSeal {
  identify(key: string, request: RequestIdentity): IdempotentRequest;
  seal(request: IdempotentRequest, answer: Uint8Array, random: Random): Buffer;
  /** Throws if `sealed` was made for another request or with another key, or was tampered with. */
  open(request: IdempotentRequest, sealed: Uint8Array): Buffer;
}

export function createAnswerSeal(masterDerivedKey: Uint8Array): AnswerSeal {
  const root = createSecretKey(masterDerivedKey);
  const macKey = createSecretKey(Buffer.from(hkdfSync('sha256', root, '', 'digest', 32)));
  const digest = (parts: readonly string[]) => createHmac('sha256', macKey).update(JSON.stringify(parts)).digest();
  const keyFor = ({ key, requestDigest }: IdempotentRequest) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', root, requestDigest, `seal${key}`, 32)));

  return {
    identify(key, { principalId, environment, method, path, body }) {
      const binding = [principalId, environment, method, path, key];
      return { key, keyDigest: digest(['key', ...binding]), requestDigest: digest(['request', ...binding, body]) };
    },
    seal: (request, answer, random) => seal(keyFor(request), answer, request.requestDigest, random),
    open(request, sealed) {
      const answer = unseal(keyFor(request), sealed, request.requestDigest);
      if (answer === undefined) throw new Error('a kept answer does not open');
      return answer;
    },
  };
}
