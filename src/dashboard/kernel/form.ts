import type { Context } from 'hono';
import type { ZodType, z } from 'zod';
import { type ErrorDetail, ServiceError } from '../../lib/errors.ts';
import { MAX_BODY_BYTES, readBody } from '../../web/body.ts';
import { detailsOf } from '../../web/details.ts';
import { problemOfText } from '../../web/text.ts';
import type { PageEnv } from './env.ts';

/** What somebody has typed into a form, or would have if it is new: text by the names of fields. */
export interface Form {
  /** The value of the field, its first if there are several; empty if there is none. */
  text(name: string): string;
  all(name: string): readonly string[];
  has(name: string): boolean;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

/** A form as it is shown: what is in its fields, and what is wrong with them. */
export interface Draft {
  readonly form: Form;
  /** What is wrong with all of it, or undefined. */
  readonly problem: string | undefined;
  /** What is wrong with the field, or undefined. */
  problemOf(name: string): string | undefined;
}

export function formOf(entries: readonly (readonly [string, string])[]): Form {
  const all = (name: string) => entries.filter(([each]) => each === name).map(([, value]) => value);
  return { entries, all, text: (name) => all(name)[0] ?? '', has: (name) => all(name).length > 0 };
}

/** A form that nothing is wrong with, with these values in it. */
export function freshDraft(values: Readonly<Record<string, string | readonly string[]>> = {}): Draft {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((each) => [name, each] as const),
  );
  return { form: formOf(entries), problem: undefined, problemOf: () => undefined };
}

/** The form as it was sent, with what `error` says is wrong with it. `scopes[2]` is said of the field `scopes`. */
export function refusedDraft(form: Form, error: ServiceError): Draft {
  const details = error.details ?? [];
  return {
    form,
    problem: details.length > 0 ? MEND_MESSAGE : error.message,
    problemOf: (name) => sentenceOf(details.filter(({ path }) => fieldOf(path) === name)),
  };
}

const MEND_MESSAGE = 'Nothing was changed. See what the marked fields need.';

function fieldOf(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}

function sentenceOf(details: readonly ErrorDetail[]): string | undefined {
  if (details.length === 0) return undefined;
  return [...new Set(details.map(({ message }) => message))].map((text) => `This ${text}.`).join(' ');
}

/** @throws ServiceError `payload_too_large`, `unsupported_media_type` */
export async function readForm(c: Context<PageEnv>): Promise<Form> {
  const bytes = await readBody(c);
  if (bytes === undefined) throw new ServiceError('payload_too_large', { message: TOO_LARGE_MESSAGE });
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? '')) {
    throw new ServiceError('unsupported_media_type', { message: 'Send the form as browsers do by default.' });
  }
  const form = formOf([...new URLSearchParams(Buffer.from(bytes).toString('utf8'))]);
  requireStorable(form.entries);
  return form;
}

/** @throws ServiceError `invalid_request` for text that no database keeps, and nobody types */
export function requireStorable(entries: Iterable<readonly [string, string]>): void {
  for (const [name, value] of entries) {
    const problem = problemOfText(name) ?? problemOfText(value);
    if (problem !== undefined) throw new ServiceError('invalid_request', { message: problem });
  }
}

/** The fields of these names that something was typed into. */
export function typedIn(form: Form, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.filter((name) => form.text(name) !== '').map((name) => [name, form.text(name)]));
}

const TOO_LARGE_MESSAGE = `The form holds more than ${MAX_BODY_BYTES / 1024} KiB. Shorten what is in it.`;

/**
 * What the fields mean, by the schema that a request of the API with the same fields goes through.
 *
 * @throws ServiceError `validation_failed`
 */
export function parseFields<Schema extends ZodType>(schema: Schema, fields: unknown): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (!parsed.success) throw new ServiceError('validation_failed', { details: detailsOf(parsed.error.issues) });
  return parsed.data;
}
