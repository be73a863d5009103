import { type ErrorDetail, ServiceError } from '../../../lib/errors.ts';
import type { IssueInput } from '../../../tokens/issue.ts';
import { issueFields, issueInputOf } from '../../../web/issue-fields.ts';
import { type Form, parseFields } from '../../kernel/form.ts';
import { instantText } from '../../parts/utc-input.ts';
import { metadataIn } from './metadata-text.ts';

/** How long tokens live that somebody does not want to think about, in days. */
export const EXPIRY_DAYS = [30, 90, 365] as const;

const SECONDS_PER_DAY = 86_400;

/** Those that are seen only among more of them. */
export const MORE_FIELDS = ['not_before', 'audience', 'allowed_cidrs', 'metadata'] as const;

/**
 * What the form says, as the API would be told.
 *
 * @throws ServiceError `validation_failed`
 */
export function issueInputIn(form: Form): IssueInput {
  const orNull = (name: string) => form.text(name).trim() || null;
  const cidrs = form
    .text('allowed_cidrs')
    .split(/[\s,]+/)
    .filter((cidr) => cidr !== '');
  const notBefore = form.text('not_before').trim();
  const fields = parseFields(issueFields, {
    name: form.text('name'),
    description: orNull('description'),
    scopes: scopesIn(form),
    role: orNull('role'),
    owner: orNull('owner'),
    project_id: orNull('project_id'),
    ...expiryIn(form),
    not_before: notBefore === '' ? null : instantText(notBefore),
    audience: orNull('audience'),
    allowed_cidrs: cidrs.length === 0 ? null : cidrs,
    metadata: metadataIn(form.text('metadata')),
  });
  return issueInputOf(fields);
}

/**
 * The expiry that is chosen. A date that is filled in counts only if it is asked for: else it is not seen.
 *
 * @throws ServiceError `validation_failed`
 */
export function expiryIn(form: Form): { expires_in: number } | { expires_at: string | null } {
  const choice = form.text('expiry');
  const days = EXPIRY_DAYS.find((each) => String(each) === choice);
  if (days !== undefined) return { expires_in: days * SECONDS_PER_DAY };
  if (choice === 'never') return { expires_at: null };
  const date = form.text('expires_at').trim();
  if (choice === 'date' && date !== '') return { expires_at: instantText(date) };
  const [path, message] = choice === 'date' ? ['expires_at', 'is required'] : ['expiry', 'has to be chosen'];
  throw new ServiceError('validation_failed', { details: [{ path, message }] });
}

/** Those that are ticked, and then those that are typed. */
export function scopesIn(form: Form): string[] {
  const typed = form.text('other_scopes').split(/[\s,]+/);
  return [...form.all('scopes'), ...typed].filter((scope) => scope !== '');
}

/** The error, said of the field in which a scope is, and naming it: the form does not count them. */
export function namingScopes(error: ServiceError, form: Form): ServiceError {
  if (error.details === undefined) return error;
  const scopes = scopesIn(form);
  const ticked = form.all('scopes').length;
  const details = error.details.map((detail) => {
    const index = indexOf(detail, scopes);
    const scope = scopes[index];
    if (scope === undefined) return detail;
    const said = detail.message.startsWith(`${scope} `) ? detail.message.slice(scope.length + 1) : detail.message;
    return { path: index < ticked ? 'scopes' : 'other_scopes', message: `names ${shortened(scope)}, which ${said}` };
  });
  return new ServiceError(error.code, { details });
}

/** Which of the scopes it is about; -1 if it is about none, or about all of them. */
function indexOf({ path, message }: ErrorDetail, scopes: readonly string[]): number {
  const [, index] = /^scopes\[(\d+)\]$/.exec(path) ?? [];
  if (index !== undefined) return Number(index);
  return path === 'scopes' ? scopes.findIndex((scope) => message.startsWith(`${scope} is `)) : -1;
}

const MAX_SHOWN = 60;

function shortened(scope: string): string {
  return scope.length > MAX_SHOWN ? `${scope.slice(0, MAX_SHOWN)}…` : scope;
}
