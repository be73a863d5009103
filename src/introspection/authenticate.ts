import type { DigestFunction } from '../credentials/digest.ts';
import { parseCredential } from '../credentials/format.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { RecordLoader } from './loader.ts';
import type { CredentialRecord } from './record.ts';
import { type Invalidity, invalidityOf } from './validity.ts';

/** What a request presents: the raw header values, undefined where a header is absent. */
export interface PresentedCredentials {
  readonly authorization: string | undefined;
  readonly apiKeyHeader: string | undefined;
  /** Where the request comes from. */
  readonly address: string | undefined;
}

export type Authentication =
  | { readonly outcome: 'authenticated'; readonly principal: Principal }
  /** No credential at all. */
  | { readonly outcome: 'missing' }
  /** Two credentials at once. */
  | { readonly outcome: 'ambiguous' }
  /** `record` is there when the credential belongs, or belonged, to somebody. */
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly record?: CredentialRecord };

export type RefusalReason = Invalidity | 'malformed' | 'unknown' | 'wrong_kind' | 'wrong_user';

/** What authentication draws on. */
export interface AuthenticationDeps {
  readonly digest: DigestFunction;
  readonly loadRecord: RecordLoader;
  readonly clock: Clock;
}

/**
 * Resolves the credential of a request into a principal. `Authorization: Bearer` takes API keys and tokens, `X-API-Key`
 * API keys only. Rejects when the database cannot be asked: a caller is never refused because we cannot tell.
 */
export async function authenticate(deps: AuthenticationDeps, presented: PresentedCredentials): Promise<Authentication> {
  const { authorization, apiKeyHeader, address } = presented;
  if (authorization === undefined && apiKeyHeader === undefined) return { outcome: 'missing' };
  if (authorization !== undefined && apiKeyHeader !== undefined) return { outcome: 'ambiguous' };
  const text = apiKeyHeader ?? bearerOf(authorization ?? '');
  if (text === undefined) return { outcome: 'refused', reason: 'malformed' };
  const result = await authenticateCredential(deps, text, address);
  if (apiKeyHeader === undefined || result.outcome !== 'authenticated') return result;
  return result.principal.kind === 'api_key' ? result : { outcome: 'refused', reason: 'wrong_kind' };
}

/** The same for a credential that has been taken out of its header already. */
export async function authenticateCredential(
  { digest, loadRecord, clock }: AuthenticationDeps,
  text: string,
  address: string | undefined,
): Promise<Authentication> {
  const parts = parseCredential(text);
  if (parts === undefined) return { outcome: 'refused', reason: 'malformed' };
  const record = await loadRecord(digest(parts.credential));
  if (record === undefined) return { outcome: 'refused', reason: 'unknown' };
  const invalidity = invalidityOf(record, clock.now(), address);
  if (invalidity !== undefined) return { outcome: 'refused', reason: invalidity, record };
  return { outcome: 'authenticated', principal: principalOf(record) };
}

function principalOf(record: CredentialRecord): Principal {
  if (record.kind === 'api_key') {
    const { kind, id, name, workspaceId, environment, expiresAt } = record;
    return { kind, id, name, workspaceId, environment, expiresAt };
  }
  const { kind, id, name, workspaceId, environment, scopes, audience, allowedCidrs, notBefore, expiresAt } = record;
  return { kind, id, name, workspaceId, environment, scopes, audience, allowedCidrs, notBefore, expiresAt };
}

/** RFC 6750 §2.1: the scheme in any case, one space, the credential. More spaces are not ours to forgive. */
function bearerOf(authorization: string): string | undefined {
  return /^bearer (\S+)$/i.exec(authorization)?.[1];
}
