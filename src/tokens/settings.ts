import { append } from '../audit/events/append.ts';
import type { Change } from '../audit/events/event.ts';
import type { Effective, Fence } from '../coherence/fence.ts';
import { invalidate } from '../coherence/invalidate.ts';
import { API_KEY_PREFIX, PREFIX_PATTERN } from '../credentials/format.ts';
import { type Database, inTransaction } from '../db/connection.ts';
import { requireStanding } from '../identity/members/standing.ts';
import { actorOf, type Caller } from '../identity/principal.ts';
import { type ErrorDetail, ServiceError } from '../lib/errors.ts';
import type { IdSource } from '../lib/ids.ts';
import { parseName } from '../lib/names.ts';
import { type ExpectedRevisions, requireRevision } from '../lib/revision.ts';
import {
  type AuditedIntrospections,
  lockSettings,
  type Settings,
  selectSettings,
  updateSettings,
} from './store/settings.ts';
import { refusingTakenNames } from './workspace-name.ts';

export interface SettingsInput {
  readonly name?: string;
  /** `#rrggbb`, or null for that of Tooken. */
  readonly color?: string | null;
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

/** Settings as they have become. */
export interface ChangedSettings {
  readonly settings: Settings;
  /** Where that has taken effect, if anything that replicas remember was set. */
  readonly effective: Effective | undefined;
}

/**
 * Changes settings of the caller's workspace. Tokens that exist stay as they are, their prefix included. Which introspections
 * are recorded is settled on every replica when this resolves.
 *
 * @throws ServiceError `validation_failed`; `conflict` if another workspace has the name; `precondition_failed`; `forbidden`
 */
export async function changeSettings(
  deps: IdSource & { readonly db: Database; readonly fence: Fence },
  caller: Caller,
  input: SettingsInput,
  expected?: ExpectedRevisions,
): Promise<ChangedSettings> {
  const { principal, request } = caller;
  const { workspaceId } = principal;
  const given = checkSettings(input);
  const changing = inTransaction(deps.db, async (tx) => {
    const before = await lockSettings(tx, workspaceId);
    if (before === undefined) throw new ServiceError('not_found');
    await requireStanding(tx, principal);
    requireRevision(expected, before.revision);
    const wanted = { ...before, ...given };
    const changes = changesBetween(before, wanted);
    // A repeated call fences, too: the answer to the first may have been lost while it waited.
    const invalidated = given.auditedIntrospections === undefined ? undefined : await invalidate(tx, [workspaceId]);
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
  const { settings, invalidated } = await refusingTakenNames(changing);
  return { settings, effective: invalidated && (await deps.fence(invalidated)) };
}

/** The settings in the form they are stored in. @throws ServiceError `validation_failed`, naming all that is wrong */
function checkSettings({ name: typedName, color, ...rest }: SettingsInput): SettingsInput {
  const name = typedName === undefined ? undefined : parseName(typedName);
  const details: ErrorDetail[] = [
    ...(name?.ok === false ? [{ path: 'name', message: name.problem }] : []),
    ...(typeof color === 'string' && !COLOR.test(color) ? [{ path: 'color', message: COLOR_MESSAGE }] : []),
    ...(rest.tokenPrefix === undefined ? [] : problemsOfPrefix(rest.tokenPrefix)),
  ];
  if (details.length > 0) throw new ServiceError('validation_failed', { details });
  return {
    ...rest,
    ...(name?.ok === true && { name: name.name }),
    ...(color !== undefined && { color: color?.toLowerCase() ?? null }),
  };
}

function problemsOfPrefix(prefix: string): ErrorDetail[] {
  if (prefix === API_KEY_PREFIX) return [{ path: 'token_prefix', message: TAKEN_PREFIX_MESSAGE }];
  return PREFIX_PATTERN.test(prefix) ? [] : [{ path: 'token_prefix', message: PREFIX_MESSAGE }];
}

const COLOR = /^#[0-9a-f]{6}$/i;
const COLOR_MESSAGE = 'must be a colour such as #2f5fd0, or null for that of Tooken';
const TAKEN_PREFIX_MESSAGE = 'is the prefix of API keys; choose another';
const PREFIX_MESSAGE = 'must be 2 to 12 lower-case letters and digits that start with a letter';

function changesBetween(before: Settings, after: Settings): Change[] {
  const fields = [
    { field: 'name', old: before.name, new: after.name },
    { field: 'color', old: before.color, new: after.color },
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
