import { PASSWORD_MIN_LENGTH } from '../../identity/passwords/policy.ts';
import type { Draft } from '../kernel/form.ts';
import { TextField } from './field.tsx';

interface NewPasswordFieldsProps {
  readonly draft: Draft;
  /** The field of the API that the password goes to. */
  readonly name: string;
  readonly label: string;
  /** What the second field, `again`, is called. */
  readonly againLabel: string;
}

/** A password that is chosen, typed twice. */
export function NewPasswordFields({ draft, name, label, againLabel }: NewPasswordFieldsProps) {
  return (
    <>
      <TextField
        name={name}
        label={label}
        type="password"
        autocomplete="new-password"
        draft={draft}
        hint={`At least ${PASSWORD_MIN_LENGTH} characters. Four words of your own make a good one.`}
        required
      />
      <TextField name="again" label={againLabel} type="password" autocomplete="new-password" draft={draft} required />
    </>
  );
}
