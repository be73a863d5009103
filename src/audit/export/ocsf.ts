import type { AuditAction, Operation } from '../events/catalogue.ts';
import type { AuditEvent } from '../events/event.ts';
import type { BegunExport } from './begin.ts';
import { classContext, type OcsfClass } from './ocsf-objects.ts';

/**
 * Events in the Open Cybersecurity Schema Framework, version 1.8, one a line. What its classes have no attribute for is in
 * `unmapped`, together with the leaf hash; `metadata.sequence` is the leaf index.
 */
const VERSION = '1.8.0';

const CLASSES = {
  accountChange: { class_uid: 3001, class_name: 'Account Change', category_uid: 3 },
  authentication: { class_uid: 3002, class_name: 'Authentication', category_uid: 3 },
  entityManagement: { class_uid: 3004, class_name: 'Entity Management', category_uid: 3 },
  apiActivity: { class_uid: 6003, class_name: 'API Activity', category_uid: 6 },
} as const satisfies Record<OcsfClass, object>;

const CATEGORY_NAMES = { 3: 'Identity & Access Management', 6: 'Application Activity' } as const;

interface Activity {
  readonly kind: OcsfClass;
  readonly id: number;
  readonly name: string;
}

/** What an event is by its operation, unless its action says more. */
const BY_OPERATION: Readonly<Record<Operation, Activity>> = {
  create: { kind: 'entityManagement', id: 1, name: 'Create' },
  modify: { kind: 'entityManagement', id: 3, name: 'Update' },
  remove: { kind: 'entityManagement', id: 4, name: 'Delete' },
  access: { kind: 'apiActivity', id: 2, name: 'Read' },
  authenticate: { kind: 'authentication', id: 1, name: 'Logon' },
};

/** An API key acts for itself, as an account does; a token is something that is managed. */
const BY_ACTION: Readonly<Partial<Record<AuditAction, Activity>>> = {
  'api_key.created': { kind: 'accountChange', id: 1, name: 'Create' },
  'api_key.regenerated': { kind: 'accountChange', id: 3, name: 'Password Change' },
  'api_key.deleted': { kind: 'accountChange', id: 6, name: 'Delete' },
  'token.revoked': { kind: 'entityManagement', id: 9, name: 'Disable' },
  'request.denied': { kind: 'apiActivity', id: 99, name: 'Other' },
};

/** An export as OCSF events, in pieces of whole lines. Of an event that the database has lost there is no line. */
export async function* formatOcsf({ pages }: Pick<BegunExport, 'pages'>): AsyncGenerator<Buffer, void> {
  for await (const page of pages()) {
    const lines = page.map(({ event, hash }) =>
      event === undefined ? '' : `${JSON.stringify(toOcsf(event, hash.toString('hex')))}\n`,
    );
    yield Buffer.from(lines.join(''), 'utf8');
  }
}

/** `leafHash` in hex. */
export function toOcsf(event: AuditEvent, leafHash: string) {
  const { kind, id, name } = BY_ACTION[event.action] ?? BY_OPERATION[event.operation];
  const { class_uid, class_name, category_uid } = CLASSES[kind];
  const isSuccess = event.outcome === 'success';
  return {
    category_uid,
    category_name: CATEGORY_NAMES[category_uid],
    class_uid,
    class_name,
    activity_id: id,
    activity_name: name,
    type_uid: class_uid * 100 + id,
    type_name: `${class_name}: ${name}`,
    time: Date.parse(event.occurred_at),
    ...(event.first_at !== null && { start_time: Date.parse(event.first_at) }),
    ...(event.last_at !== null && { end_time: Date.parse(event.last_at) }),
    count: event.count,
    severity_id: isSuccess ? 1 : 2,
    severity: isSuccess ? 'Informational' : 'Low',
    status_id: isSuccess ? 1 : 2,
    status: isSuccess ? 'Success' : 'Failure',
    ...(event.reason !== null && { status_detail: event.reason }),
    message: event.action,
    metadata: metadataOf(event),
    ...classContext(kind, event),
    unmapped: {
      leaf_hash: leafHash,
      environment: event.environment,
      outcome: event.outcome,
      targets: event.targets,
      changes: event.changes,
      introspections: event.introspections,
      redacted: event.redacted,
    },
  };
}

function metadataOf({ id, action, leaf_index, occurred_at, workspace, request, schema_version }: AuditEvent) {
  return {
    version: VERSION,
    product: { name: 'Tooken', vendor_name: 'Tooken' },
    uid: id,
    event_code: action,
    sequence: leaf_index,
    original_time: occurred_at,
    log_name: 'audit-log',
    log_version: String(schema_version),
    ...(workspace !== null && { tenant_uid: workspace }),
    ...(request !== null && { correlation_uid: request.id }),
  };
}
