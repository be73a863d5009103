import { invalid } from '../../tokens/lifetime.ts';
import type { Form } from '../kernel/form.ts';

/** Whoever comes by a stray click or an old link ends nothing. @throws ServiceError `validation_failed` */
export function requireConfirmed(form: Form): void {
  if (!form.has('confirm')) throw invalid('confirm', 'has to be ticked, as it cannot be undone');
}
