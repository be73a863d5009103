import type { Draft } from '../kernel/form.ts';
import { TextField } from './field.tsx';

/** A code of a second factor. */
export function CodeField({ draft, hint }: { draft: Draft; hint: string }) {
  return (
    <TextField
      name="code"
      label="Code"
      autocomplete="one-time-code"
      inputmode="numeric"
      draft={draft}
      hint={hint}
      required
      mono
    />
  );
}
