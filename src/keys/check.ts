import { parseCidr } from '../lib/addresses.ts';
import { type ErrorDetail, ServiceError } from '../lib/errors.ts';
import { parseName } from '../lib/names.ts';
import type { ApiKey } from './api-key.ts';

const MAX_CIDRS = 50;
const LATEST = Date.UTC(10_000, 0, 1);

interface Unchecked {
  readonly name: string;
  readonly expiresAt?: Date | null | undefined;
  readonly allowedCidrs?: readonly string[] | null | undefined;
}

/** The fields in the form they are stored in. @throws ServiceError `validation_failed`, naming all that is wrong */
export function checkApiKey(input: Unchecked, now: Date): Pick<ApiKey, 'name' | 'expiresAt' | 'allowedCidrs'> {
  const { expiresAt = null, allowedCidrs = null } = input;
  const name = parseName(input.name);
  const cidrs = allowedCidrs?.map(parseCidr) ?? null;
  const details = [
    ...(name.ok ? [] : [{ path: 'name', message: name.problem }]),
    ...problemsOfExpiry(expiresAt, now),
    ...problemsOfCidrs(cidrs),
  ];
  if (!name.ok || details.length > 0) throw new ServiceError('validation_failed', { details });
  const blocks = cidrs?.filter((cidr) => cidr !== undefined) ?? null;
  return { name: name.name, expiresAt, allowedCidrs: blocks && [...new Set(blocks)] };
}

function problemsOfExpiry(expiresAt: Date | null, now: Date): ErrorDetail[] {
  if (expiresAt === null || (expiresAt > now && expiresAt.getTime() < LATEST)) return [];
  return [{ path: 'expires_at', message: 'must lie in the future and before the year 10000' }];
}

/** An empty list would lock everybody out, which nobody means. */
function problemsOfCidrs(cidrs: readonly (string | undefined)[] | null): ErrorDetail[] {
  if (cidrs === null) return [];
  if (cidrs.length === 0)
    return [{ path: 'allowed_cidrs', message: 'must not be empty; leave it out to allow any address' }];
  if (cidrs.length > MAX_CIDRS) return [{ path: 'allowed_cidrs', message: `must have at most ${MAX_CIDRS} entries` }];
  return cidrs.flatMap((cidr, index) =>
    cidr === undefined ? [{ path: `allowed_cidrs[${index}]`, message: 'must be an IP address or a CIDR block' }] : [],
  );
}
