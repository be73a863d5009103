import type { ServiceError } from '../../../lib/errors.ts';
import { invalid } from '../../../tokens/lifetime.ts';
import type { RotateInput } from '../../../tokens/rotate.ts';
import { MAX_GRACE_SECONDS, rotateFields } from '../../../web/token-change-fields.ts';
import { type Form, parseFields } from '../../kernel/form.ts';
import { instantText } from '../../parts/utc-input.ts';
import { aboutExpiry } from './detail-expiry.ts';

/** What the radio buttons send where something else is typed below them. */
export const CUSTOM = 'custom';

/** What is in the form when it is opened. When the old secret stops is for people to say: either way is wrong for some. */
export const ROTATE_DEFAULTS = { expiry: 'keep' } as const;

/**
 * What a form about a rotation says: an overlap in seconds, or in hours of its own, and an expiry that stays, comes with so many
 * days, or is typed.
 *
 * @throws ServiceError `validation_failed`
 */
export function rotateInputOf(form: Form): RotateInput {
  const { grace_seconds, expires_at, expires_in } = parseFields(rotateFields, {
    grace_seconds: graceOf(form),
    ...expiryOf(form),
  });
  return {
    graceSeconds: grace_seconds,
    ...(expires_at !== undefined && { expiresAt: expires_at }),
    ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
  };
}

function graceOf(form: Form): number {
  const chosen = form.text('grace_seconds');
  if (chosen === '') throw invalid('grace_seconds', 'has to be chosen');
  if (chosen !== CUSTOM) return Number(chosen);
  const hours = Number(form.text('grace_hours').trim().replace(',', '.') || Number.NaN);
  if (!(hours > 0 && hours <= MAX_GRACE_HOURS)) {
    throw invalid('grace_hours', `must be a number of hours, at most ${MAX_GRACE_HOURS}`);
  }
  return Math.ceil(hours * 3_600);
}

export const MAX_GRACE_HOURS = MAX_GRACE_SECONDS / 3_600;

function expiryOf(form: Form): { expires_at?: string | null; expires_in?: number } {
  const chosen = form.text('expiry');
  if (chosen === '' || chosen === 'keep') return {};
  if (chosen === 'never') return { expires_at: null };
  if (chosen === CUSTOM) return { expires_at: instantText(form.text('expires_at')) };
  return { expires_in: Number(chosen) };
}

/** The error, said of the field that the form has for it: whether an end comes too early is told of the start of the token. */
export function namingExpiry(error: ServiceError, form: Form): ServiceError {
  return aboutExpiry(error, form.text('expiry') === CUSTOM ? 'expires_at' : 'expiry');
}
