import { z } from '@hono/zod-openapi';
import { AUDIT_ACTIONS, type AuditAction } from '../audit/events/catalogue.ts';
import { type AuditEvent, TARGET_TYPES } from '../audit/events/event.ts';
import { ENVIRONMENTS } from '../credentials/format.ts';
import { idSchema } from '../web/fields.ts';
import { instantOutput } from './schemas.ts';

const actions = Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]];

/** An audit event as the API shows it. */
export const auditEventBody = z
  .object({
    id: idSchema('evt'),
    schema_version: z.literal(1),
    leaf_index: z.int().openapi({ description: 'Its place in the log of the workspace, from 0, without gaps.' }),
    workspace: idSchema('ws').nullable(),
    environment: z
      .enum(ENVIRONMENTS)
      .nullable()
      .openapi({ description: 'Null for what concerns the whole workspace.' }),
    action: z.enum(actions),
    operation: z.enum(['create', 'modify', 'remove', 'access', 'authenticate']),
    outcome: z.enum(['success', 'denied', 'failure']),
    reason: z.string().nullable().openapi({ description: 'A stable code, as in `insufficient_scope:tokens:write`.' }),
    note: z.string().nullable().openapi({ description: 'What the caller gave as reason, in its own words.' }),
    occurred_at: instantOutput,
    actor: z.object({
      type: z.enum(['api_key', 'token', 'member', 'system', 'anonymous']),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    targets: z.array(
      z.object({
        type: z.enum(TARGET_TYPES),
        id: z.string(),
        name: z.string().nullable(),
      }),
    ),
    request: z
      .object({
        id: z.string(),
        method: z.string().openapi({ example: 'POST' }),
        route: z.string().openapi({ example: '/v1/tokens/{id}/revoke' }),
      })
      .nullable(),
    source: z.object({ ip: z.string().nullable(), user_agent: z.string().nullable() }).nullable(),
    changes: z.array(z.object({ field: z.string(), old: z.unknown(), new: z.unknown() })),
    count: z.int().openapi({ description: 'How many alike events this one stands for.' }),
    first_at: instantOutput.nullable(),
    last_at: instantOutput.nullable(),
    introspections: z
      .object({
        count: z.int(),
        root: z.string().openapi({ description: 'Of the RFC 6962 tree over the records, in hex.' }),
        addresses: z.array(z.string().nullable()),
      })
      .nullable()
      .openapi({
        description:
          'Where every introspection is recorded: to what the event commits. `/introspections` lists the records.',
      }),
    redacted: z.boolean().openapi({ description: 'Whether personal data of this event has been erased.' }),
  })
  .openapi('AuditEvent');

type AuditEventBody = z.output<typeof auditEventBody>;

/** The lists of a stored event are read-only; those of a body are not. */
export function presentEvent(event: AuditEvent): AuditEventBody {
  return {
    ...event,
    targets: [...event.targets],
    changes: event.changes.map(({ field, old, new: present }) => ({ field, old, new: present })),
    introspections: event.introspections && { ...event.introspections, addresses: [...event.introspections.addresses] },
  };
}
