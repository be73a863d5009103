import type { Draft } from '../../kernel/form.ts';
import { TextArea, TextField } from '../../parts/field.tsx';

export function GroupFields({ draft }: { draft: Draft }) {
  return (
    <>
      <TextField
        name="name"
        label="Name"
        draft={draft}
        maxlength={64}
        placeholder="north"
        hint="Lower-case letters, digits, dots, hyphens and underscores: programs read it."
        required
      />
      <TextArea name="description" label="Description" draft={draft} hint="For people: who belongs in it." optional />
    </>
  );
}
