import { parseSnapshot, type Snapshot } from '../coherence/snapshot.ts';
import type { Digest } from '../credentials/digest.ts';
import type { Environment } from '../credentials/format.ts';
import type { Database } from '../db/connection.ts';
import { effectiveScopes, effectiveScopesOf, type Scope } from '../identity/scopes.ts';
import { idFromUuid, idToUuid, type SessionId } from '../lib/ids.ts';
import { compact, createShared } from '../lib/shared.ts';
import type { ApiKeyRecord, CredentialRecord, MemberRecord, RoleRecord, SessionRecord, TokenRecord } from './record.ts';

interface Row {
  readonly snapshot: string;
  readonly kind: 'api_key' | 'token' | 'session';
  readonly digest: string | null;
  readonly id: string;
  readonly name: string | null;
  readonly workspace_id: string;
  readonly environment: Environment | null;
  readonly records_introspections: boolean;
  readonly allowed_cidrs: string[] | null;
  readonly expires_ms: number | null;
  readonly scopes: Scope[] | null;
  readonly role: string | null;
  readonly member: string | null;
  readonly project_id: string | null;
  readonly audience: string | null;
  readonly metadata: Record<string, unknown> | null;
  readonly not_before_ms: number | null;
  readonly created_ms: number;
  readonly created_by: string | null;
  /** Of a session: when it was ended. */
  readonly revoked_ms: number | null;
  readonly is_current: boolean;
  readonly previous_ms: number | null;
  readonly generation: number | null;
}

/** What a look-up has found, and when. */
export interface SelectedRecords {
  /** By digest in hex; a digest that nobody was given is not in it. */
  readonly records: ReadonlyMap<string, CredentialRecord>;
  readonly sessions: readonly SessionRecord[];
  /** The snapshot of the very statement. */
  readonly snapshot: Snapshot;
}

/**
 * Looks `digests` and `sessions` up. One prepared statement, made for a connection with {@link LOOK_UP_SETTINGS}: with a plan
 * that is made once and looks at indexes only, it costs the same whatever the tables have grown to since they were last
 * analysed. Members and roles come as text, which is read once for all that share them.
 */
export async function selectRecords(
  db: Database,
  digests: readonly Digest[],
  sessions: readonly SessionId[],
): Promise<SelectedRecords> {
  const hexes = digests.map((digest) => digest.toString('hex'));
  const rows = await db.$client<(Row | EmptyRow)[]>`
    with wanted as (select decode(hex, 'hex') as digest from unnest(${hexes}::text[]) hex),
    found as (
      select 'token' as kind, encode(s.digest, 'hex') as digest, t.id, t.name, t.workspace_id, t.environment,
             w.audited_introspections = 'all' as records_introspections,
             t.allowed_cidrs, extract(epoch from t.expires_at)::float8 * 1000 as expires_ms,
             t.scopes,
             (select jsonb_build_object('id', r.id, 'name', r.name, 'scopes', r.scopes)::text
               from roles r where r.id = t.role_id) as role,
             t.owner_id as member_id, t.project_id,
             t.audience, t.metadata, extract(epoch from t.not_before)::float8 * 1000 as not_before_ms,
             extract(epoch from t.created_at)::float8 * 1000 as created_ms,
             t.created_by,
             extract(epoch from t.revoked_at)::float8 * 1000 as revoked_ms,
             s.valid_until is null as is_current,
             extract(epoch from coalesce(s.valid_until,
               (select max(p.valid_until) from token_secrets p where p.token_id = t.id)))::float8 * 1000 as previous_ms,
             null::int as generation
        from wanted join token_secrets s using (digest) join tokens t on t.id = s.token_id
             join workspaces w on w.id = t.workspace_id
      union all
      select 'api_key', encode(k.digest, 'hex'), k.id, k.name, k.workspace_id, k.environment,
             w.audited_introspections = 'all',
             k.allowed_cidrs, extract(epoch from k.expires_at)::float8 * 1000,
             null, null, null, null, null, null, null, extract(epoch from k.created_at)::float8 * 1000, null, null,
             true, null, null
        from wanted join api_keys k using (digest) join workspaces w on w.id = k.workspace_id
      union all
      select 'session', null, o.id, null, m.workspace_id, null,
             w.audited_introspections = 'all',
             null, extract(epoch from o.expires_at)::float8 * 1000,
             null, null, o.member_id, null, null, null, null, 0, null,
             extract(epoch from o.ended_at)::float8 * 1000, true, null, o.generation
        from unnest(${sessions.map((id) => idToUuid(id))}::uuid[]) as sought (id) join sessions o on o.id = sought.id
             join members m on m.id = o.member_id join workspaces w on w.id = m.workspace_id
    )
    select here.snapshot, found.*, (
      select jsonb_build_object('id', m.id, 'name', m.name, 'email', m.email, 'access', m.access,
        'generation', m.generation, 'isRemoved', m.removed_at is not null,
        'roles', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'scopes', r.scopes) order by r.id), '[]')
          from member_roles h join roles r on r.id = h.role_id where h.member_id = m.id),
        'groups', (select coalesce(jsonb_agg(g.name order by g.name), '[]')
          from member_groups h join visibility_groups g on g.id = h.group_id where h.member_id = m.id))::text
      from members m where m.id = found.member_id) as member
    from (select pg_current_snapshot()::text as snapshot) here left join found on true`;
  const found = rows.filter(isFound);
  return {
    records: new Map(
      found.flatMap((row): [string, CredentialRecord][] => (row.digest === null ? [] : [[row.digest, toRecord(row)]])),
    ),
    sessions: found.filter(({ kind }) => kind === 'session').map(toSessionRecord),
    snapshot: parseSnapshot(rows[0]?.snapshot ?? ''),
  };
}

/** For connections that look up records and do nothing else. */
export const LOOK_UP_SETTINGS = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };

interface EmptyRow {
  readonly kind: null;
  readonly snapshot: string;
}

function isFound(row: Row | EmptyRow): row is Row {
  return row.kind !== null;
}

function toRecord(row: Row): CredentialRecord {
  return row.kind === 'api_key' ? toApiKeyRecord(row) : toTokenRecord(row);
}

function toApiKeyRecord(row: Row): ApiKeyRecord {
  return {
    kind: 'api_key',
    id: compact(idFromUuid('key', row.id)),
    name: row.name ?? '',
    workspaceId: workspaceIdOf(row.workspace_id),
    environment: row.environment === 'live' ? 'live' : 'test',
    allowedCidrs: row.allowed_cidrs,
    expiresAt: toDate(row.expires_ms),
    recordsIntrospections: row.records_introspections,
  };
}

/** Memory holds very many of these: what is alike in many of them is shared, and nothing is added to them later. */
function toTokenRecord(row: Row): TokenRecord {
  const owner = row.member === null ? null : memberOf(row.member);
  const role = row.role === null ? null : roleOf(row.role);
  return {
    kind: 'token',
    id: compact(idFromUuid('tkn', row.id)),
    name: row.name ?? '',
    workspaceId: workspaceIdOf(row.workspace_id),
    environment: row.environment === 'live' ? 'live' : 'test',
    recordsIntrospections: row.records_introspections,
    scopes: scopesOf(JSON.stringify([row.scopes ?? [], role?.scopes ?? [], owner?.scopes ?? null])),
    owner,
    role,
    projectId: row.project_id === null ? null : projectIdOf(row.project_id),
    audience: row.audience,
    metadata: row.metadata === null || Object.keys(row.metadata).length === 0 ? NO_METADATA : row.metadata,
    allowedCidrs: row.allowed_cidrs,
    notBefore: toDate(row.not_before_ms),
    expiresAt: toDate(row.expires_ms),
    issuedAtSeconds: Math.floor(row.created_ms / 1000),
    createdBy: creatorOf(row.created_by ?? 'system'),
    revokedAt: toDate(row.revoked_ms),
    secret: row.is_current ? 'current' : 'previous',
    previousSecretValidUntil: toDate(row.previous_ms),
    builtAnswer: undefined,
    isBuiltInOverlap: false,
  };
}

const MAX_SHARED = 10_000;
const NO_METADATA = Object.freeze({});
const workspaceIdOf = createShared((uuid) => compact(idFromUuid('ws', uuid)), MAX_SHARED);
const creatorOf = createShared((id) => id, MAX_SHARED);
const projectIdOf = createShared((uuid) => compact(idFromUuid('prj', uuid)), MAX_SHARED);
const scopesOf = createShared((sources) => {
  const [scopes, roleScopes, ownerScopes] = JSON.parse(sources) as [Scope[], Scope[], Scope[] | null];
  return effectiveScopesOf({ scopes, roleScopes, ownerScopes });
}, MAX_SHARED);
const roleOf = createShared((text): RoleRecord => {
  const { id, name, scopes } = JSON.parse(text) as { id: string; name: string; scopes: Scope[] };
  return { id: idFromUuid('role', id), name, scopes };
}, MAX_SHARED);
const memberOf = createShared((text): MemberRecord => {
  const { id, email, roles, ...rest } = JSON.parse(text) as MemberText;
  const scopes = rest.isRemoved ? [] : effectiveScopes(roles.flatMap((role) => role.scopes));
  const roleIds = roles.map((role) => idFromUuid('role', role.id));
  return { ...rest, id: idFromUuid('usr', id), username: email ?? rest.name, scopes, roleIds };
}, MAX_SHARED);

/** As the statement puts it together. */
interface MemberText extends Pick<MemberRecord, 'name' | 'access' | 'generation' | 'isRemoved' | 'groups'> {
  readonly id: string;
  readonly email: string | null;
  readonly roles: readonly { readonly id: string; readonly scopes: Scope[] }[];
}

function toSessionRecord(row: Row): SessionRecord {
  if (row.member === null || row.expires_ms === null) throw new Error('a session without its member');
  return {
    kind: 'session',
    id: idFromUuid('ses', row.id),
    workspaceId: workspaceIdOf(row.workspace_id),
    member: memberOf(row.member),
    generation: row.generation ?? 0,
    expiresAt: new Date(Math.round(row.expires_ms)),
    endedAt: toDate(row.revoked_ms),
    recordsIntrospections: row.records_introspections,
  };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.round(ms));
}
