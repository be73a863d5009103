import { z } from 'zod';
import { type AuditFilters, isActionPattern, searchWords } from '../audit/queries/filters.ts';
import { parseAddress } from '../lib/addresses.ts';
import { ServiceError } from '../lib/errors.ts';

/** What of an audit log an operator wants, as typed. Lists are comma-separated. */
export interface AuditFilterTexts {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: string | undefined;
  readonly ip?: string | undefined;
  readonly requestId?: string | undefined;
  /** Words, with spaces between. */
  readonly q?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** @throws ServiceError `invalid_request` that names the option */
export function parseAuditFilters(texts: AuditFilterTexts): AuditFilters {
  const { action, actor, target, outcome, ip, requestId, q } = texts;
  const since = instantOf('--since', texts.since);
  const until = instantOf('--until', texts.until);
  if (since !== undefined && until !== undefined && until < since) throw invalid('--until must not be before --since.');
  return {
    actions: listOf('--action', action, isActionPattern, 'actions such as token.created, or all of a kind: token.*'),
    actors: listOf('--actor', actor, (value) => value !== '', 'ids, system or anonymous'),
    targets: listOf('--target', target, (value) => value !== '', 'ids, or names of scopes'),
    outcomes: listOf('--outcome', outcome, (value) => OUTCOMES.includes(value), OUTCOMES.join(', ')),
    ip: ip === undefined ? undefined : addressOf(ip),
    requestId,
    words: q === undefined ? undefined : wordsOf(q),
    since,
    until,
  };
}

const OUTCOMES = ['success', 'denied', 'failure'];

function listOf(
  option: string,
  text: string | undefined,
  isValid: (value: string) => boolean,
  wanted: string,
): readonly string[] | undefined {
  const values = text?.split(',').map((value) => value.trim());
  if (values?.every(isValid) === false) throw invalid(`${option} must name ${wanted}, separated by commas.`);
  return values;
}

function addressOf(text: string): string {
  if (parseAddress(text) === undefined) throw invalid('--ip must be an IP address.');
  return text;
}

/** Without a word everything would match, which nobody means who asks for some. */
function wordsOf(text: string): readonly string[] {
  const words = searchWords(text);
  if (words.length === 0) throw invalid('--q must have a word in it.');
  return words;
}

const time = z.iso.datetime({ offset: true });
const date = z.iso.date();

function instantOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  // A date alone is its midnight in UTC, by the language's own rule.
  if (time.safeParse(text).success || date.safeParse(text).success) return new Date(text);
  throw invalid(`${option} must be a time such as 2027-01-31T12:00:00Z, or a date such as 2027-01-31 (0:00 UTC).`);
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}
