import { type ApiKey, statusOf } from '../keys/api-key.ts';
import type { Workspace } from './workspace-store.ts';

/** What commands show and `--json` prints: the API's field names, times in RFC 3339 and UTC. */
export interface WorkspaceView {
  readonly id: string;
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
