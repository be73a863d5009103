import type { Child } from 'hono/jsx';
import type { Draft } from '../kernel/form.ts';

interface FieldProps {
  /** The field of the API that it stands for: `expires_at`. What is wrong with that is said here. */
  readonly name: string;
  readonly label: string;
  readonly draft: Draft;
  readonly hint?: Child;
  readonly optional?: boolean;
}

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
      {problem !== undefined && (
        <p class="problem" id={`${idOf(name)}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${idOf(name)}-hint`}>
          {hint}
        </p>
      )}
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

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
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

interface ChoicesProps extends Omit<FieldProps, 'optional'> {
  readonly choices: readonly Choice[];
  readonly type: 'checkbox' | 'radio';
  /** Beside each other, for short ones. */
  readonly inline?: boolean;
}

/** Several boxes of one name, of which some (`checkbox`) or one (`radio`) are chosen. */
export function ChoicesField({ name, label, draft, hint, choices, type, inline }: ChoicesProps) {
  const problem = draft.problemOf(name);
  const chosen = draft.form.all(name);
  return (
    <fieldset
      class={problem === undefined ? 'field' : 'field field-wrong'}
      aria-describedby={describedBy(name, problem, hint)}
    >
      <legend>{label}</legend>
      <div class={inline === true ? 'choices choices-inline' : 'choices'}>
        {choices.map((choice, n) => (
          <label class="choice">
            <input
              type={type}
              id={n === 0 ? idOf(name) : undefined}
              name={name}
              value={choice.value}
              checked={chosen.includes(choice.value)}
            />
            <span>
              {choice.label}
              {choice.hint !== undefined && <span class="hint">{choice.hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {problem !== undefined && (
        <p class="problem" id={`${idOf(name)}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${idOf(name)}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}

/** One box, which sends `yes` when it is ticked. */
export function TickField({
  name,
  label,
  draft,
  hint,
  required,
}: Omit<FieldProps, 'optional'> & { required?: boolean }) {
  const problem = draft.problemOf(name);
  return (
    <div class={problem === undefined ? 'field' : 'field field-wrong'}>
      <label class="choice">
        <input
          type="checkbox"
          id={idOf(name)}
          name={name}
          value="yes"
          checked={draft.form.has(name)}
          required={required}
          aria-describedby={describedBy(name, problem, hint)}
        />
        <span>{label}</span>
      </label>
      {problem !== undefined && (
        <p class="problem" id={`${idOf(name)}-problem`}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${idOf(name)}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function described({ name, draft, hint }: FieldProps) {
  const problem = draft.problemOf(name);
  return {
    'aria-invalid': problem === undefined ? undefined : ('true' as const),
    'aria-describedby': describedBy(name, problem, hint),
  };
}

function describedBy(name: string, problem: string | undefined, hint: Child | undefined): string | undefined {
  const ids = [problem !== undefined && `${idOf(name)}-problem`, hint !== undefined && `${idOf(name)}-hint`];
  return ids.filter((id) => id !== false).join(' ') || undefined;
}

function idOf(name: string): string {
  return `field-${name}`;
}
