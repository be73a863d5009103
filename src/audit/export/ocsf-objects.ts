import type { AuditEvent } from '../events/event.ts';

export type OcsfClass = 'accountChange' | 'authentication' | 'entityManagement' | 'apiActivity';

/** `Other`, where the name beside it says what it is. */
const OTHER = 99;

/** The attributes of an event that its class asks for, and those that each of our classes has. */
export function classContext(kind: OcsfClass, event: AuditEvent): object {
  const { request, source } = event;
  const isHttp = request !== null && request.method !== 'CLI';
  const endpoint = source?.ip ? { ip: source.ip } : undefined;
  const common = {
    actor: actorOf(event),
    ...(endpoint && { src_endpoint: endpoint }),
    ...(isHttp && {
      http_request: {
        uid: request.id,
        http_method: request.method,
        ...(source?.user_agent && { user_agent: source.user_agent }),
      },
    }),
  };
  switch (kind) {
    case 'accountChange':
      return { ...common, user: described(subjectOf(event)) };
    case 'authentication':
      return { ...common, user: described(event.actor), service: SERVICE };
    case 'entityManagement':
      return { ...common, entity: described(subjectOf(event)), ...(event.note !== null && { comment: event.note }) };
    case 'apiActivity':
      return {
        ...common,
        // Required, and asks for one of several names: also where no address is known, or left.
        src_endpoint: endpoint ?? { name: request !== null && !isHttp ? 'command line' : 'unknown' },
        api: {
          operation: isHttp ? `${request.method} ${request.route}` : (request?.route ?? event.action),
          service: SERVICE,
          ...(request !== null && { request: { uid: request.id } }),
        },
        resources: event.targets.map(({ id, name, type }) => ({ uid: id, ...(name !== null && { name }), type })),
      };
  }
}

const SERVICE = { name: 'Tooken' };

interface Subject {
  readonly type: string;
  readonly id: string | null;
  readonly name: string | null;
}

/** What it was done to; without a target the whole log. */
function subjectOf({ targets: [first], workspace }: AuditEvent): Subject {
  return first ?? { type: 'workspace', id: workspace ?? 'installation', name: null };
}

function actorOf({ actor }: AuditEvent) {
  return actor.type === 'system' ? { app_name: 'tooken' } : { user: described(actor) };
}

/** A user or an entity: both ask for an id or a name. */
function described({ type, id, name }: Subject) {
  const known = name ?? (id === null ? type : undefined);
  return { ...(id !== null && { uid: id }), ...(known !== undefined && { name: known }), type, type_id: OTHER };
}
