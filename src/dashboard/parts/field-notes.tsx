import type { Child } from 'hono/jsx';
import type { Draft } from '../kernel/form.ts';

export interface FieldProps {
  /** The field of the API that it stands for: `expires_at`. What is wrong with that is said here. */
  readonly name: string;
  readonly label: string;
  readonly draft: Draft;
  readonly hint?: Child;
  readonly optional?: boolean;
}

/** What is wrong with a field, and what helps to fill it in. */
export function FieldNotes({
  name,
  problem,
  hint,
}: Pick<FieldProps, 'name' | 'hint'> & { problem: string | undefined }) {
  return (
    <>
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
    </>
  );
}

/** What a control is described by: its problem and its hint, as {@link FieldNotes} names them. */
export function describedBy(name: string, problem: string | undefined, hint: Child | undefined): string | undefined {
  const ids = [problem !== undefined && `${idOf(name)}-problem`, hint !== undefined && `${idOf(name)}-hint`];
  return ids.filter((id) => id !== false).join(' ') || undefined;
}

/** The id of a field's control, the first if it has several. */
export function idOf(name: string): string {
  return `field-${name}`;
}
