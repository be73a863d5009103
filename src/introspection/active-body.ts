import type { Active } from './decide.ts';
import type { TokenRecord } from './record.ts';

/**
 * The answer about an active token (RFC 7662 §2.2), as text. `sub` is its owner, or the token itself if nobody owns it: members and their order are fixed, and those that the
 * token has nothing for are absent, but for those of `tooken`, which are null. Strings are concatenated, since this is
 * the hot path and most of them cannot need escaping.
 */
export function activeBody(verdict: Active, issuer: string, now: Date): string {
  const { token } = verdict;
  return `{"active":true${standardMembers(token, issuer)},"tooken":{${ownMembers(token, now)}${authorization(verdict)}}}`;
}

function standardMembers(token: TokenRecord, issuer: string): string {
  const { id, owner, scopes, createdBy, expiresAt, notBefore, issuedAtSeconds, audience } = token;
  return [
    scopes.length === 0 ? '' : `,"scope":"${scopes.join(' ')}"`,
    `,"client_id":${JSON.stringify(createdBy)},"sub":"${owner?.id ?? id}"`,
    owner === null ? '' : `,"username":${JSON.stringify(owner.username)}`,
    ',"token_type":"Bearer"',
    expiresAt === null ? '' : `,"exp":${seconds(expiresAt)}`,
    notBefore === null ? '' : `,"nbf":${seconds(notBefore)}`,
    `,"iat":${issuedAtSeconds}`,
    audience === null ? '' : `,"aud":${JSON.stringify(audience)}`,
    `,"iss":${JSON.stringify(issuer)},"jti":"${id}"`,
  ].join('');
}

function ownMembers(token: TokenRecord, now: Date): string {
  const { workspaceId, environment, name, projectId, owner, role, metadata, secret } = token;
  const { previousSecretValidUntil: end } = token;
  const overlapEnd = end !== null && now < end ? `"${end.toISOString()}"` : 'null';
  return (
    `"workspace":"${workspaceId}","environment":"${environment}","name":${JSON.stringify(name)}` +
    `,"project":${idOrNull(projectId)},"owner":${idOrNull(owner?.id)},"role":${role === null ? 'null' : JSON.stringify(role.name)}` +
    `,"groups":${owner === null ? '[]' : JSON.stringify(owner.groups)}` +
    `,"metadata":${JSON.stringify(metadata)},"secret":"${secret}","previous_secret_valid_until":${overlapEnd}`
  );
}

/** Ids need no escaping. */
function idOrNull(id: string | null | undefined): string {
  return id === null || id === undefined ? 'null' : `"${id}"`;
}

function authorization({ isAuthorized, missingScope }: Active): string {
  if (isAuthorized === undefined) return '';
  return isAuthorized ? ',"authorized":true' : `,"authorized":false,"missing_scope":"${missingScope}"`;
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
