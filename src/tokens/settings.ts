import { append } from '../audit/events/append.ts';
import type { Change } from '../audit/events/event.ts';
import type { Fence } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import { API_KEY_PREFIX } from '../credentials/format.ts';
import { type Database, inTransaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { ServiceError } from '../lib/errors.ts';
import type { IdSource } from '../lib/ids.ts';
import { type ExpectedRevisions, requireRevision } from '../lib/revision.ts';
import { invalid } from './lifetime.ts';
import {
  type AuditedIntrospections,
  lockSettings,
  type Settings,
  selectSettings,
  updateSettings,
} from './store/settings.ts';

export interface SettingsInput {
  readonly tokenPrefix?: string;
  readonly isScopeCatalogueEnforced?: boolean;
  readonly isAuditTreePublic?: boolean;
  readonly auditedIntrospections?: AuditedIntrospections;
}

export async function getSettings({ db }: { readonly db: Database }, { principal }: Caller): Promise<Settings> {
  const settings = await selectSettings(db, principal.workspaceId);
  if (settings === undefined) throw new ServiceError('not_found');
  return settings;
}

/**
 * Changes settings of the caller's workspace. Tokens that exist stay as they are, their prefix included. Which introspections
 * are recorded is settled on every replica when this resolves.
 */
export async function changeSettings(
  deps: IdSource & { readonly db: Database; readonly fence: Fence },
  caller: Caller,
  input: SettingsInput,
  expected?: ExpectedRevisions,
): Promise<Settings> {
  const { principal, request } = caller;
  const { workspaceId } = principal;
  if (input.tokenPrefix === API_KEY_PREFIX) throw invalid('token_prefix', 'is the prefix of API keys; choose another');
  const { settings, invalidated } = await inTransaction(deps.db, async (tx) => {
    const before = await lockSettings(tx, workspaceId);
    if (before === undefined) throw new ServiceError('not_found');
    await requireStanding(tx, principal);
    requireRevision(expected, before.revision);
    const wanted = { ...before, ...input };
    const changes = changesBetween(before, wanted);
    // A repeated call fences, too: the answer to the first may have been lost while it waited.
    const invalidated = input.auditedIntrospections === undefined ? undefined : await invalidate(tx, [workspaceId]);
    if (changes.length === 0) return { settings: before, invalidated };
    const formerTokenPrefixes = formerPrefixes(before, wanted.tokenPrefix);
    const after = { ...wanted, formerTokenPrefixes, revision: before.revision + 1 };
    await updateSettings(tx, workspaceId, after, deps.clock.now());
    await append(tx, deps, [
      {
        workspaceId,
        environment: null,
        action: 'settings.updated',
        outcome: 'success',
        actor: actorOf(principal),
        targets: [{ type: 'settings', id: workspaceId, name: null }],
        request,
        changes,
      },
    ]);
    return { settings: after, invalidated };
  });
  if (invalidated !== undefined) await deps.fence(invalidated);
  return settings;
}

function changesBetween(before: Settings, after: Settings): Change[] {
  const fields = [
    { field: 'token_prefix', old: before.tokenPrefix, new: after.tokenPrefix },
    {
      field: 'scope_catalogue_enforced',
      old: before.isScopeCatalogueEnforced,
      new: after.isScopeCatalogueEnforced,
    },
    { field: 'audit_tree_public', old: before.isAuditTreePublic, new: after.isAuditTreePublic },
    { field: 'audited_introspections', old: before.auditedIntrospections, new: after.auditedIntrospections },
  ];
  return fields.filter((change) => change.old !== change.new);
}

function formerPrefixes({ tokenPrefix, formerTokenPrefixes }: Settings, next: string): string[] {
  if (next === tokenPrefix) return [...formerTokenPrefixes];
  return [...formerTokenPrefixes, tokenPrefix].filter((prefix) => prefix !== next);
}
