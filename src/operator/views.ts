import type { Link } from '../identity/links/link.ts';
import type { Member } from '../identity/members/member.ts';
import { type ApiKey, statusOf } from '../keys/api-key.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import type { Workspace } from './workspace-store.ts';

/** What commands show and `--json` prints: the API's field names, times in RFC 3339 and UTC. */
export interface WorkspaceView {
  readonly id: WorkspaceId;
  readonly name: string;
  readonly token_prefix: string;
  readonly created_at: string;
}

export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly hint: string;
  readonly status: 'active' | 'expired';
  readonly allowed_cidrs: readonly string[] | null;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly regenerated_at: string | null;
  readonly last_used_at: string | null;
  readonly last_used_from: string | null;
}

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly access: string;
  readonly status: string;
  readonly can_sign_in: boolean;
  readonly totp_enabled: boolean;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly last_signed_in_at: string | null;
  readonly created_at: string;
}

/** The only copy. */
export interface LinkView {
  readonly url: string;
  readonly expires_at: string;
}

/** Who chooses email and password by the link. */
export interface FirstOwnerView {
  readonly id: string;
  readonly link: LinkView;
}

export function viewMember(member: Member): MemberView {
  const { id, name, email, access, status, canSignIn, hasTotp, roles, groups, lastSignedInAt, createdAt } = member;
  return {
    id,
    name,
    email,
    access,
    status,
    can_sign_in: canSignIn,
    totp_enabled: hasTotp,
    roles: roles.map((role) => role.name),
    groups: groups.map((group) => group.name),
    last_signed_in_at: lastSignedInAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
}

export function viewLink({ url, expiresAt }: Pick<Link, 'url' | 'expiresAt'>): LinkView {
  return { url, expires_at: expiresAt.toISOString() };
}

export function viewFirstOwner({
  id,
  link,
}: {
  readonly id: string;
  readonly link: Pick<Link, 'url' | 'expiresAt'>;
}): FirstOwnerView {
  return { id, link: viewLink(link) };
}

export function viewWorkspace({ id, name, tokenPrefix, createdAt }: Workspace): WorkspaceView {
  return { id, name, token_prefix: tokenPrefix, created_at: createdAt.toISOString() };
}

export function viewApiKey(apiKey: ApiKey, now: Date): ApiKeyView {
  return {
    id: apiKey.id,
    name: apiKey.name,
    environment: apiKey.environment,
    hint: apiKey.hint,
    status: statusOf(apiKey, now),
    allowed_cidrs: apiKey.allowedCidrs,
    expires_at: apiKey.expiresAt?.toISOString() ?? null,
    created_at: apiKey.createdAt.toISOString(),
    created_by: apiKey.createdBy,
    regenerated_at: apiKey.regeneratedAt?.toISOString() ?? null,
    last_used_at: apiKey.lastUsedAt?.toISOString() ?? null,
    last_used_from: apiKey.lastUsedFrom,
  };
}
