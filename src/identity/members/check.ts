import { parseEmail } from '../../lib/email.ts';
import { ServiceError } from '../../lib/errors.ts';
import { NAME_MAX_LENGTH, parseName } from '../../lib/names.ts';

/** The name as it is stored. @throws ServiceError `validation_failed` */
export function requireName(text: string): string {
  const parsed = parseName(text);
  if (parsed.ok) return parsed.name;
  throw invalid('name', parsed.problem);
}

/** The address as it is stored. @throws ServiceError `validation_failed` */
export function requireEmail(text: string): string {
  const parsed = parseEmail(text);
  if (parsed.ok) return parsed.email;
  throw invalid('email', parsed.problem);
}

/** What somebody is called of whom only an address is known. */
export function nameFromEmail(email: string): string {
  return email.slice(0, Math.max(1, email.indexOf('@'))).slice(0, NAME_MAX_LENGTH);
}

export function invalid(path: string, message: string): ServiceError {
  return new ServiceError('validation_failed', { details: [{ path, message }] });
}
