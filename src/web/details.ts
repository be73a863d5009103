import type { ErrorDetail } from '../lib/errors.ts';

/** Nobody mends more mistakes than these at a time. */
const MAX_DETAILS = 50;

/** The subset of a zod issue that details are made from. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** What is wrong with which field, of all that a schema has found. */
export function detailsOf(issues: readonly Issue[]): ErrorDetail[] {
  return issues.flatMap(toDetails).slice(0, MAX_DETAILS);
}

function toDetails(issue: Issue): ErrorDetail[] {
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    return issue.keys.map((key) => ({ path: formatPath([...issue.path, key]), message: 'is not a known field' }));
  }
  return [{ path: formatPath(issue.path), message: issue.message }];
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
