import type { Child } from 'hono/jsx';
import type { Choice } from './choice-field.tsx';
import { describedBy, FieldNotes, type FieldProps, idOf } from './field-notes.tsx';

/** A label, what goes into it, what helps to fill it in, and what is wrong with it. */
function Field({ name, label, draft, hint, optional, children }: FieldProps & { children: Child }) {
  const problem = draft.problemOf(name);
  return (
    <div class={problem === undefined ? 'field' : 'field field-wrong'}>
      <label for={idOf(name)}>
        {label}
        {optional === true && <span class="optional"> optional</span>}
      </label>
      {children}
      <FieldNotes name={name} problem={problem} hint={hint} />
    </div>
  );
}

interface TextProps extends FieldProps {
  readonly type?: 'text' | 'email' | 'password' | 'number' | 'date' | 'datetime-local' | 'search' | 'color';
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
  readonly required?: boolean;
  readonly inputmode?: 'numeric' | 'text' | 'email';
  readonly mono?: boolean;
  /** The `datalist` with suggestions, by its id. */
  readonly list?: string;
}

export function TextField(props: TextProps) {
  const {
    name,
    draft,
    type = 'text',
    autocomplete = 'off',
    placeholder,
    maxlength,
    required,
    inputmode,
    mono,
    list,
  } = props;
  return (
    <Field {...props}>
      <input
        id={idOf(name)}
        name={name}
        type={type}
        // What is secret is typed anew.
        value={type === 'password' ? '' : draft.form.text(name)}
        autocomplete={autocomplete}
        placeholder={placeholder}
        maxlength={maxlength}
        required={required}
        inputmode={inputmode}
        list={list}
        class={mono === true ? 'mono' : undefined}
        {...described(props)}
      />
    </Field>
  );
}

export function TextArea(props: FieldProps & { rows?: number; placeholder?: string; mono?: boolean }) {
  const { name, draft, rows = 3, placeholder, mono } = props;
  return (
    <Field {...props}>
      <textarea
        id={idOf(name)}
        name={name}
        rows={rows}
        placeholder={placeholder}
        class={mono === true ? 'mono' : undefined}
        {...described(props)}
      >
        {draft.form.text(name)}
      </textarea>
    </Field>
  );
}

export function SelectField(props: FieldProps & { choices: readonly Choice[] }) {
  const { name, draft, choices } = props;
  const chosen = draft.form.text(name);
  return (
    <Field {...props}>
      <select id={idOf(name)} name={name} {...described(props)}>
        {choices.map(({ value, label }) => (
          <option value={value} selected={value === chosen}>
            {label}
          </option>
        ))}
      </select>
    </Field>
  );
}

function described({ name, draft, hint }: FieldProps) {
  const problem = draft.problemOf(name);
  return {
    'aria-invalid': problem === undefined ? undefined : ('true' as const),
    'aria-describedby': describedBy(name, problem, hint),
  };
}
