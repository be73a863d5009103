import type { ApiKeyId, MemberId, RoleId, SessionId, TokenId, WorkspaceId } from '../lib/ids.ts';

/**
 * What an invalidation is about. One covers all that is remembered of a token or an API key, whichever of its credentials
 * led there; that of a member its sessions and the tokens it owns; that of a role the tokens that carry it or whose owner
 * holds it; that of a workspace all that is remembered of its credentials; `creation` all that is remembered as unknown.
 */
export type Subject = TokenId | ApiKeyId | SessionId | MemberId | RoleId | WorkspaceId | 'creation';
