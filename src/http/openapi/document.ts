import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { ERROR_CATALOGUE, type ErrorCode } from '../../lib/errors.ts';
import type { OperationAccess } from '../../rights/operation.ts';
import { OAUTH_OPERATIONS, OPERATIONS } from '../../rights/rights.ts';
import type { Api } from '../api.ts';
import { describeCallers, ENVIRONMENT_PARAMETER, SECURITY_SCHEMES, securityOf } from './callers.ts';

/** The parts of an OpenAPI 3.1 document that this module reads and adds to. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Record<string, Record<string, OpenApiOperation>>;
  readonly components: { readonly schemas: Record<string, unknown>; [section: string]: unknown };
}

export interface OpenApiOperation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: unknown[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
}

/**
 * The API description, from the routes that `api` really serves: schemas from the routes, security and the sentence on
 * who may call from the access table, the failures from the error catalogue.
 */
export function createDocument(api: Api): OpenApiDocument {
  const document = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Tooken', version: VERSION, description: DESCRIPTION, license: LICENSE },
    servers: [{ url: 'http://localhost:8080', description: 'A service on this machine' }],
    tags: TAGS,
  }) as unknown as OpenApiDocument;
  for (const [operationId, access] of Object.entries<OperationAccess>({ ...OPERATIONS, ...OAUTH_OPERATIONS })) {
    const operation = document.paths[access.path]?.[access.method];
    if (operation === undefined) throw new Error(`operation ${operationId} of the access table is not served`);
    describeAccess(operation, access);
    if (operationId in OPERATIONS) describeFailures(operation, access);
    else operation.security?.push({ basic: [] });
    offerEnvironments(operation, access);
  }
  return {
    ...document,
    components: {
      ...document.components,
      parameters: { TookenEnvironment: ENVIRONMENT_PARAMETER },
      securitySchemes: SECURITY_SCHEMES,
      responses: failureResponses(),
    },
  };
}

/** `openapi.yaml`. */
export function toYaml(document: OpenApiDocument): string {
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}

function describeAccess(operation: OpenApiOperation, access: OperationAccess): void {
  const callers = describeCallers(access);
  operation.description = operation.description === undefined ? callers : `${operation.description}\n\n${callers}`;
  operation.security = securityOf(access);
}

/** Where an operation is about one environment: what people alone do, or live keys alone, is about the workspace. */
function offerEnvironments(operation: OpenApiOperation, { apiKey, member }: OperationAccess): void {
  if (apiKey !== 'any' || member === 'never') return;
  operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/TookenEnvironment' }];
}

function describeFailures(operation: OpenApiOperation, access: OperationAccess): void {
  const codes: ErrorCode[] = ['invalid_request', 'rate_limited', 'internal_error', 'unavailable'];
  if (access.open !== 'always') codes.push('unauthorized', ...(isForAll(access) ? [] : ['forbidden' as const]));
  if (access.path.includes('{')) codes.push('not_found');
  if (operation.parameters !== undefined || operation.requestBody !== undefined) codes.push('validation_failed');
  if (operation.requestBody !== undefined) codes.push('payload_too_large', 'unsupported_media_type');
  for (const code of codes) {
    const { status } = ERROR_CATALOGUE[code];
    operation.responses[String(status)] ??= { $ref: `#/components/responses/${status}` };
  }
}

function isForAll({ apiKey, token, member }: OperationAccess): boolean {
  return apiKey === 'any' && token === 'any' && member === 'all';
}

/** One shared response for each status, listing the codes that come with it. */
function failureResponses(): Record<string, unknown> {
  const responses: Record<string, unknown> = {};
  for (const { status } of Object.values(ERROR_CATALOGUE)) {
    const codes = Object.entries(ERROR_CATALOGUE).filter(([, entry]) => entry.status === status);
    responses[String(status)] ??= {
      description: codes.map(([code, { message }]) => `\`${code}\`: ${message}`).join('\n\n'),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    };
  }
  return responses;
}

const VERSION: string = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;

const DESCRIPTION = `Issues scoped tokens, answers what they are good for, and keeps an append-only audit log of it all.

JSON in and out, times in RFC 3339 UTC, ids as TypeIDs. Lists are newest first and paged by an opaque cursor. Creates
and rotations take an \`Idempotency-Key\`: the same request within 24 hours gets the first answer, secret included.
Every answer carries \`X-Request-Id\`.`;

const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' };

const TAGS = [
  { name: 'Tokens', description: 'Issue, change, rotate and revoke.' },
  { name: 'Introspection', description: 'What a token is good for (RFC 7662), and revocation by value (RFC 7009).' },
  { name: 'Usage', description: 'Who uses which token, from where.' },
  { name: 'Scopes', description: 'The catalogue of scopes.' },
  { name: 'API keys', description: 'The keys that open a whole workspace. People alone manage them.' },
  { name: 'Roles', description: 'Named sets of scopes, for tokens to carry and members to hold.' },
  { name: 'Groups', description: 'Visibility groups of members, which services that introspect are told.' },
  { name: 'Projects', description: 'Groups of tokens.' },
  { name: 'Settings', description: 'Settings of the workspace.' },
  { name: 'Requests', description: 'Which calls API keys and tokens have made.' },
  { name: 'Audit log', description: 'Who did what, when and from where.' },
  {
    name: 'Transparency log',
    description: 'Checkpoints and tiles of the audit log (C2SP tlog-tiles), for whoever verifies it.',
  },
  { name: 'Members', description: 'The people of the workspace: invite, change and remove them.' },
  { name: 'Sign-in', description: 'Sessions of members: begin, refresh, end.' },
  { name: 'Account', description: 'The caller.' },
  { name: 'Service', description: 'Health and metadata.' },
];
