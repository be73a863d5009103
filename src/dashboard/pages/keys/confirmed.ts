import { ServiceError } from '../../../lib/errors.ts';
import type { Form } from '../../kernel/form.ts';

/** Whoever comes by a stray click or an old link ends nothing. @throws ServiceError `validation_failed` */
export function requireConfirmed(form: Form): void {
  if (form.has('confirm')) return;
  const details = [{ path: 'confirm', message: 'has to be ticked, as it cannot be undone' }];
  throw new ServiceError('validation_failed', { details });
}
