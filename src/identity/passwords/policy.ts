import { ServiceError } from '../../lib/errors.ts';
import { isCommon } from './common.ts';

/**
 * What a password has to be (NIST SP 800-63B §5.1.1.2): long, and neither common nor made of what everybody knows of its
 * owner. No rules about kinds of characters, which make passwords predictable, and no upper bound that anybody meets.
 */
export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 1024;

/** What everybody may know of whose password it is to be. */
export interface PasswordOwner {
  readonly email: string | null;
  readonly name: string;
  readonly workspaceName: string;
}

/** What is wrong with `password`, to follow the field's name; undefined if it may be used. Characters are code points. */
export function checkPassword(password: string, owner: PasswordOwner): string | undefined {
  if (password.includes('\0')) return 'must not contain a NUL character';
  if (!password.isWellFormed()) return 'must not contain half of a surrogate pair';
  const normal = password.normalize('NFKC');
  const { length } = [...normal];
  if (length < PASSWORD_MIN_LENGTH) {
    return `must have at least ${PASSWORD_MIN_LENGTH} characters; several words make a good one`;
  }
  if (length > PASSWORD_MAX_LENGTH) return `must have at most ${PASSWORD_MAX_LENGTH.toLocaleString('en')} characters`;
  if (isMadeOf(normal, owner)) return 'must not be made of your email address, your name or the name of the workspace';
  if (isCommon(normal))
    return 'is among those that are guessed first; choose several words that do not belong together';
  return undefined;
}

/** @throws ServiceError `validation_failed` about the field `path` if {@link checkPassword} finds something */
export function requirePassword(password: string, owner: PasswordOwner, path = 'password'): void {
  const message = checkPassword(password, owner);
  if (message !== undefined) throw new ServiceError('validation_failed', { details: [{ path, message }] });
}

/** Whether little is left of `password` without the words of its owner. */
function isMadeOf(password: string, { email, name, workspaceName }: PasswordOwner): boolean {
  const [local = '', domain = ''] = (email ?? '').split('@');
  const words = [
    email ?? '',
    local,
    domain,
    ...domain.split('.'),
    name,
    ...name.split(/\s+/),
    workspaceName,
    ...workspaceName.split(/\s+/),
  ]
    .map(squash)
    .filter((word) => word.length >= LEAST_WORD)
    .sort((a, b) => b.length - a.length);
  const whole = squash(password);
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), whole);
  if (rest === whole) return false;
  const signs = new Set([...password].filter((character) => squash(character) === ''));
  return [...rest].length + signs.size < LEAST_REST;
}

/** Shorter ones are in many passwords by chance. */
const LEAST_WORD = 4;
const LEAST_REST = 8;

/** Letters and digits alone, in lower case. */
function squash(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
