import { z } from '@hono/zod-openapi';
import { EXPORT_FORMATS } from '../audit/export/scope.ts';
import { type AuditFilters, type AuditViewer, isActionPattern, searchWords } from '../audit/queries/filters.ts';
import type { Caller } from '../identity/principal.ts';
import { parseAddress } from '../lib/addresses.ts';
import { ServiceError } from '../lib/errors.ts';
import { instantInput } from './fields.ts';

const MAX_VALUES = 20;

/** A comma-separated list of values that all satisfy `isValid`. */
function listOf(isValid: (value: string) => boolean, problem: string) {
  return z
    .string()
    .transform((text) => text.split(','))
    .refine((values) => values.length <= MAX_VALUES, { error: `must name at most ${MAX_VALUES} values` })
    .refine((values) => values.every(isValid), { error: problem })
    .optional();
}

const ID_PATTERN = /^[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const TARGET_PATTERN = /^[A-Za-z0-9._:-]{1,300}$/;

/** The query parameters by which every reader of the audit log says what it wants. */
export const auditFilterFields = {
  action: listOf(isActionPattern, 'must name actions such as token.created, or all of a kind as in token.*').openapi({
    type: 'string',
    example: 'token.revoked,api_key.*',
  }),
  actor: listOf(
    (value) => ID_PATTERN.test(value) || value === 'system' || value === 'anonymous',
    'must name ids, system or anonymous',
  ).openapi({ type: 'string', description: 'Ids of API keys or tokens, `system` or `anonymous`.' }),
  target: listOf((value) => TARGET_PATTERN.test(value), 'must name ids or scopes').openapi({
    type: 'string',
    description: 'Ids of what was acted on; the name for a scope.',
  }),
  outcome: listOf(
    (value) => value === 'success' || value === 'denied' || value === 'failure',
    'must name success, denied or failure',
  ).openapi({ type: 'string', example: 'denied,failure' }),
  ip: z
    .string()
    .refine((text) => parseAddress(text) !== undefined, { error: 'must be an IP address' })
    .optional(),
  request_id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be a request id')
    .optional(),
  since: instantInput.optional().openapi({ description: 'From this time on.' }),
  until: instantInput.optional().openapi({ description: 'Before this time.' }),
};

const MAX_WORDS = 5;
const MAX_WORD_LENGTH = 64;

/** Free text, for those who look for something. */
export const auditSearchField = z
  .string()
  .transform(searchWords)
  .refine((words) => words.length > 0, { error: 'must have a word in it' })
  .refine((words) => words.length <= MAX_WORDS, { error: `must have at most ${MAX_WORDS} words` })
  .refine((words) => words.every((word) => word.length <= MAX_WORD_LENGTH), {
    error: `must have no word of more than ${MAX_WORD_LENGTH} characters`,
  })
  .optional()
  .openapi({
    type: 'string',
    description:
      'Up to 5 words, all of which an event must have, in whatever case: in its action or operation, its outcome, the id of its actor, of a target or its request, the name of a scope, its reason, or what was changed. The beginning of a word will do in the last three, from three characters on. Personal data, such as names and addresses, is not searched.',
    example: 'denied invoices:read',
  });

/** A leaf index, or -1 for before the first; as many digits as there can be. */
export const LEAF_POSITION = /^(?:-1|\d{1,15})$/;
export const POSITION_PROBLEM = 'must be a leaf index, or -1 for the beginning';

/** What an export says beside its filters. */
export const exportFields = {
  format: z.enum(EXPORT_FORMATS, 'must be ndjson, csv or ocsf').default('ndjson').openapi({
    description:
      '`ndjson` can be verified offline. `csv` is for spreadsheets, `ocsf` (1.8, one event a line) for security tools.',
  }),
  previous: z
    .string()
    .regex(/^(0|[1-9]\d{0,14})$/, 'must be the size of a checkpoint: a whole number')
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      description: 'The size of a checkpoint you have: the export proves that it is of the same log.',
    }),
};

type AuditFilterInput = z.output<z.ZodObject<typeof auditFilterFields>>;

/** @throws ServiceError `validation_failed` for times that are the wrong way round */
export function auditFiltersOf({
  action,
  actor,
  target,
  outcome,
  ip,
  request_id,
  since,
  until,
}: AuditFilterInput): AuditFilters {
  if (since !== undefined && until !== undefined && until < since) {
    throw new ServiceError('validation_failed', { details: [{ path: 'until', message: 'must not be before since' }] });
  }
  return {
    actions: action,
    actors: actor,
    targets: target,
    outcomes: outcome,
    ip,
    requestId: request_id,
    since,
    until,
  };
}

export function viewerOf({ principal }: Caller): AuditViewer {
  return { workspaceId: principal.workspaceId, environment: principal.environment };
}
