import type { Target } from '../audit/events/event.ts';
import type { Environment } from '../credentials/format.ts';
import type { ApiKeyId } from '../lib/ids.ts';

/** An API key as lists show it: everything but its value, which nobody has but its holder. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly environment: Environment;
  /** `tok_live_4fXk…9aB2` */
  readonly hint: string;
  /** The blocks it may be used from; null is anywhere. */
  readonly allowedCidrs: readonly string[] | null;
  /** The instant it ends at; null is never. */
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** Id of the principal that made it, or `system`. */
  readonly createdBy: string;
  readonly regeneratedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedFrom: string | null;
}

/** A key together with its value, which is shown this once and kept nowhere. */
export interface ApiKeyWithSecret {
  readonly apiKey: ApiKey;
  readonly secret: string;
}

/** A key ends *at* its expiry, not after it. */
export function statusOf(apiKey: ApiKey, now: Date): 'active' | 'expired' {
  return apiKey.expiresAt !== null && now >= apiKey.expiresAt ? 'expired' : 'active';
}

/** How the audit log names a key. */
export function targetOf({ id, name }: ApiKey): Target {
  return { type: 'api_key', id, name };
}
