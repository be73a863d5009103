import type { Child } from 'hono/jsx';
import type { Draft } from '../../kernel/form.ts';
import { SelectField, TextField } from '../../parts/field.tsx';
import type { References } from './references.ts';

interface ReferenceFieldProps {
  readonly name: string;
  readonly label: string;
  readonly draft: Draft;
  readonly references: References;
  /** What choosing none of them means. */
  readonly none: string;
  readonly hint?: Child;
  /** What is said of one beside its name. */
  readonly describe?: (id: string) => string;
}

/** A choice by name; where there are too many to choose from, their ids with names as suggestions. */
export function ReferenceField({ name, label, draft, references, none, hint, describe }: ReferenceFieldProps) {
  const { items, areAll } = references;
  const props = { name, label, draft, ...(hint !== undefined && { hint }) };
  const choices = items.map(({ id, name: text }) => ({ value: id, label: text + (describe?.(id) ?? '') }));
  if (!areAll) {
    const list = `list-${name}`;
    return (
      <>
        <TextField {...props} list={list} placeholder={none} mono />
        <datalist id={list}>
          {choices.map((choice) => (
            <option value={choice.value}>{choice.label}</option>
          ))}
        </datalist>
      </>
    );
  }
  const chosen = draft.form.text(name);
  const isForeign = chosen !== '' && items.every(({ id }) => id !== chosen);
  const foreign = isForeign ? [{ value: chosen, label: chosen }] : [];
  return <SelectField {...props} choices={[{ value: '', label: none }, ...choices, ...foreign]} />;
}
