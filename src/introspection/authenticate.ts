import type { DigestFunction } from '../credentials/digest.ts';
import { parseCredential } from '../credentials/format.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { RecordLoader } from './loader.ts';
import { type PresentedCredential, type PresentedCredentials, readCredential, type Scheme } from './presented.ts';
import type { CredentialRecord } from './record.ts';
import { type Invalidity, invalidityOf } from './validity.ts';

export type Authentication =
  | { readonly outcome: 'authenticated'; readonly principal: Principal }
  /** No credential at all. */
  | { readonly outcome: 'missing' }
  /** Two credentials at once. */
  | { readonly outcome: 'ambiguous' }
  | Refused;

export interface Refused {
  readonly outcome: 'refused';
  readonly reason: RefusalReason;
  /** How the credential came, for the challenge. */
  readonly scheme: Scheme;
  /** Whose the credential is or was, if anybody's. */
  readonly record?: CredentialRecord;
}

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
  const authentication = readCredential(presented);
  if (authentication.outcome === 'read' && authentication.credential.scheme === 'basic') {
    return { outcome: 'refused', reason: 'malformed', scheme: 'basic' };
  }
  return resolve(deps, authentication, presented.address);
}

/**
 * The same for the OAuth endpoints, whose clients may also use Basic: the id of an API key or token as user, the
 * credential itself as password.
 */
export async function authenticateClient(
  deps: AuthenticationDeps,
  presented: PresentedCredentials,
): Promise<Authentication> {
  return resolve(deps, readCredential(presented), presented.address);
}

async function resolve(
  { digest, loadRecord, clock }: AuthenticationDeps,
  read: ReturnType<typeof readCredential>,
  address: string | undefined,
): Promise<Authentication> {
  if (read.outcome === 'malformed') return { outcome: 'refused', reason: 'malformed', scheme: read.scheme };
  if (read.outcome !== 'read') return read;
  const { credential } = read;
  const parts = parseCredential(credential.text);
  if (parts === undefined) return { outcome: 'refused', reason: 'malformed', scheme: credential.scheme };
  const record = await loadRecord(digest(parts.credential));
  return judge(record, credential, clock.now(), address);
}

/** Whether the credential, whose record has been looked up, opens anything now. Pure. */
function judge(
  record: CredentialRecord | undefined,
  { scheme, user }: PresentedCredential,
  now: Date,
  address: string | undefined,
): Authentication {
  if (record === undefined) return { outcome: 'refused', reason: 'unknown', scheme };
  const refuse = (reason: RefusalReason): Refused => ({ outcome: 'refused', reason, scheme, record });
  const invalidity = invalidityOf(record, now, address);
  if (invalidity !== undefined) return refuse(invalidity);
  if (scheme === 'api_key' && record.kind !== 'api_key') return refuse('wrong_kind');
  if (user !== undefined && user !== record.id) return refuse('wrong_user');
  return { outcome: 'authenticated', principal: principalOf(record) };
}

function principalOf(record: CredentialRecord): Principal {
  if (record.kind === 'api_key') {
    const { kind, id, name, workspaceId, environment, expiresAt } = record;
    return { kind, id, name, workspaceId, environment, expiresAt };
  }
  const { kind, id, name, workspaceId, environment, scopes, audience, allowedCidrs, notBefore, expiresAt, secret } =
    record;
  return { kind, id, name, workspaceId, environment, scopes, audience, allowedCidrs, notBefore, expiresAt, secret };
}
