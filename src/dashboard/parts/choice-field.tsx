import { describedBy, FieldNotes, type FieldProps, idOf } from './field-notes.tsx';

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
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
      <FieldNotes name={name} problem={problem} hint={hint} />
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
      <FieldNotes name={name} problem={problem} hint={hint} />
    </div>
  );
}
