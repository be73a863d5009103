import { z } from '@hono/zod-openapi';

/** The entity tag of a revision: `"7"`. */
export function etagOf({ revision }: { readonly revision: number }): string {
  return `"${revision}"`;
}

/**
 * The revisions that an `If-Match` names (RFC 9110 §13.1.1); undefined for `*` or no header, which match any. Weak and
 * foreign tags match nothing: the comparison is the strong one.
 */
export function expectedRevisions(ifMatch: string | undefined): readonly number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  return ifMatch.split(',').flatMap((tag) => {
    const digits = /^\s*"([1-9]\d{0,9})"\s*$/.exec(tag)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

export const ifMatchHeaders = z.object({
  'if-match': z.string().optional().openapi({
    description: 'ETag of the state you have read. If the object has changed since, nothing happens and you get 412.',
    example: '"3"',
  }),
});

export const idempotencyHeaders = z.object({
  'idempotency-key': z.string().optional().openapi({
    format: 'password',
    description:
      '16 to 255 visible ASCII characters. The same request with the same key within 24 hours gets the first answer again, secret included.',
    example: '0192f0c1-6f0e-7c7d-9d57-3f1c2b8e4a10',
  }),
});

export const etagHeader = z.object({
  ETag: z.string().openapi({ description: 'Revision of the object, for `If-Match`.', example: '"3"' }),
});
