import { z } from '@hono/zod-openapi';
import { SCOPE_MAX_LENGTH, SCOPE_PATTERN, type Scope } from '../identity/scopes.ts';
import { parseCidr } from '../lib/addresses.ts';
import { idSchema } from './fields.ts';

/** Fields of requests about tokens. */

const MAX_SCOPES = 100;
const MAX_CIDRS = 50;
const MAX_METADATA_BYTES = 4096;
const MAX_EXPIRES_IN = 100 * 365 * 86_400;

export const scopeInput = z
  .string()
  .max(SCOPE_MAX_LENGTH, `must have at most ${SCOPE_MAX_LENGTH} characters`)
  .regex(SCOPE_PATTERN, 'must have the form resource:action, in lower case')
  .transform((text) => text as Scope)
  .openapi({ type: 'string', example: 'invoices:read' });

export const scopesInput = z
  .array(scopeInput)
  .max(MAX_SCOPES, `must name at most ${MAX_SCOPES} scopes`)
  .openapi({
    description: 'May be absent or empty for a token with a role.',
    example: ['invoices:read', 'payments:write'],
  });

export const roleInput = idSchema('role')
  .nullable()
  .openapi({ description: 'The role that the token carries beside its own scopes; null is none.' });

export const projectInput = idSchema('prj').nullable().openapi({ description: 'Null is none.' });

const cidrInput = z
  .string()
  .transform((text, context) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined) return cidr;
    context.addIssue({ code: 'custom', message: 'must be an IP address or a CIDR block such as 192.0.2.0/24' });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: '192.0.2.0/24' });

export const cidrsInput = z
  .array(cidrInput)
  .min(1, 'must not be empty; null allows any address')
  .max(MAX_CIDRS, `must have at most ${MAX_CIDRS} entries`)
  .transform((cidrs) => [...new Set(cidrs)])
  .nullable()
  .openapi({ description: 'Where holders may come from; null allows any address. A bare address means that one.' });

export const audienceInput = z
  .string()
  .min(1, 'must not be empty')
  .max(256, 'must have at most 256 characters')
  .nullable()
  .openapi({ description: 'The one service that the token is for.', example: 'https://api.example.com' });

export const metadataInput = z
  .record(z.string(), z.unknown())
  .superRefine((metadata, context) => {
    if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES) {
      context.addIssue({ code: 'custom', message: 'must have at most 4 KiB as JSON' });
    }
    const path = findUnsafeNumber(metadata);
    if (path !== undefined) {
      const message = 'is a number beyond ±(2^53 − 1), which would lose digits; send it as a string';
      context.addIssue({ code: 'custom', path, message });
    }
  })
  .nullable()
  .transform((metadata) => metadata ?? {})
  .openapi({
    type: 'object',
    additionalProperties: true,
    description: 'Anything you want to find again, at most 4 KiB; introspection shows it.',
    example: { team: 'billing' },
  });

export const expiresInInput = z
  .int('must be a whole number of seconds')
  .min(1, 'must be at least 1')
  .max(MAX_EXPIRES_IN, 'must be at most 100 years')
  .openapi({ description: 'Seconds from now, instead of `expires_at`.', example: 2_592_000 });

function findUnsafeNumber(value: unknown): PropertyKey[] | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? [] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const path = findUnsafeNumber(member);
    if (path !== undefined) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return undefined;
}
