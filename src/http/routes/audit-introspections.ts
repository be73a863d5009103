import { z } from '@hono/zod-openapi';
import { toBase64 } from '../../audit/core/base64.ts';
import { listRecords, proveRecord, type ReadRecord } from '../../introspection/recorded/read.ts';
import { USAGE_OUTCOMES } from '../../introspection/usage/outcome.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { EventId } from '../../lib/ids.ts';
import { viewerOf } from '../../web/audit-filters.ts';
import { idSchema } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { instantOutput, jsonAnswer } from '../schemas.ts';

const tags = ['Audit log'];

const recordBody = z
  .object({
    position: z.int().openapi({ description: 'Its place among the records of the event.' }),
    at: instantOutput,
    introspector: z.string().openapi({ description: 'The id of the API key or token that asked.' }),
    request_id: z.string(),
    token: z
      .string()
      .nullable()
      .openapi({ description: 'Null for what is no token of this workspace and environment.' }),
    secret: z.enum(['current', 'previous']).nullable(),
    outcome: z.enum(USAGE_OUTCOMES),
    required_scope: z.string().nullable(),
    source_ip: z.string().nullable().openapi({ description: 'Where the introspector called from.' }),
    client_ip: z
      .string()
      .nullable()
      .openapi({ description: 'Where the holder of the token called from, if it was said.' }),
  })
  .openapi('IntrospectionRecord');

const listRoute = defineRoute('listIntrospectionRecords', {
  summary: 'List the introspections that an event stands for',
  description:
    'Where the setting `audited_introspections` is `all`, an introspection is answered only when its record is on disk. An ' +
    'event `token.introspected` stands for some hundred records at most.',
  tags,
  request: { params: z.object({ id: idSchema('evt') }) },
  responses: {
    200: jsonAnswer('The records, in the order in which they were made.', z.object({ data: z.array(recordBody) })),
  },
});

const proofRoute = defineRoute('proveIntrospectionRecord', {
  summary: 'Prove a single introspection',
  description:
    'That the record is one of those which its event commits to: `line` is leaf `position` of an RFC 6962 tree of `size` ' +
    'lines, whose `root` the event has. `GET /v1/audit-log/{id}/proof` proves the event.',
  tags,
  request: {
    params: z.object({
      id: idSchema('evt'),
      position: z.string().openapi({ example: '0', description: 'From 0 on.' }),
    }),
  },
  responses: {
    200: jsonAnswer(
      'The record and its proof.',
      z
        .object({
          record: recordBody,
          line: z.string().openapi({ description: 'The canonical JSON of the record.' }),
          size: z.int(),
          root: z.string().openapi({ description: 'In hex, as in the event.' }),
          hashes: z.array(z.string()).openapi({ description: 'The audit path (RFC 6962 §2.1.1), in base64.' }),
        })
        .openapi('IntrospectionProof'),
    ),
  },
});

export function mountAuditIntrospections(api: Api, { db }: Services): void {
  api.openapi(listRoute, async (c) => {
    const records = await listRecords(db, viewerOf(c.get('caller')), c.req.valid('param').id as EventId);
    if (records === undefined) throw new ServiceError('not_found', { message: NO_RECORDS_MESSAGE });
    return c.json({ data: records.map(presentRecord) }, 200);
  });
  api.openapi(proofRoute, async (c) => {
    const { id, position } = c.req.valid('param');
    const place = /^(0|[1-9]\d{0,5})$/.test(position) ? Number(position) : -1;
    const proof = await proveRecord(db, viewerOf(c.get('caller')), id as EventId, place);
    if (proof === undefined) throw new ServiceError('not_found', { message: NO_RECORDS_MESSAGE });
    const { record, size, root, hashes } = proof;
    return c.json({ record: presentRecord(record), line: record.line, size, root, hashes: hashes.map(toBase64) }, 200);
  });
}

const NO_RECORDS_MESSAGE =
  'There is no such record. Events named token.introspected have some; their `introspections.count` says how many.';

function presentRecord(record: ReadRecord): z.output<typeof recordBody> {
  const { position, at, introspector, request, token, secret, outcome, required_scope, source, client } = record;
  return {
    position,
    at,
    introspector,
    request_id: request,
    token,
    secret,
    outcome,
    required_scope,
    source_ip: source,
    client_ip: client,
  };
}
