import type { Child } from 'hono/jsx';
import type { Draft } from '../kernel/form.ts';

interface PageFormProps {
  readonly csrf: string;
  readonly draft: Draft;
  /** Where it is sent; to the page that it is on unless given. */
  readonly action?: string;
  /** What its button says: a verb and its object, `Issue token`. */
  readonly submit: string;
  /** Takes something away that does not come back. */
  readonly danger?: boolean;
  /** Where whoever thinks better of it goes. */
  readonly cancel?: string;
  /** What it answers with is a download: the page stays, and the form can be sent again. */
  readonly downloads?: boolean;
  readonly children?: Child;
}

/** A form of a page, which says above what is wrong with it. */
export function PageForm({ csrf, draft, action, submit, danger, cancel, downloads, children }: PageFormProps) {
  return (
    <form method="post" action={action} class="form" novalidate data-download={downloads === true ? '' : undefined}>
      <input type="hidden" name="csrf" value={csrf} />
      {draft.problem !== undefined && (
        <div class="alert alert-bad" role="alert" tabindex={-1} autofocus>
          {draft.problem}
        </div>
      )}
      {children}
      <div class="form-actions">
        <button type="submit" class={danger === true ? 'button button-danger' : 'button button-primary'}>
          {submit}
        </button>
        {cancel !== undefined && (
          <a class="button button-quiet" href={cancel}>
            Cancel
          </a>
        )}
      </div>
    </form>
  );
}

/** A form that is nothing but its button. */
export function ButtonForm({
  csrf,
  action,
  label,
  danger,
  fields = {},
}: {
  csrf: string;
  action: string;
  label: Child;
  danger?: boolean;
  fields?: Readonly<Record<string, string>>;
}) {
  return (
    <form method="post" action={action} class="button-form">
      <input type="hidden" name="csrf" value={csrf} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={danger === true ? 'button button-danger' : 'button'}>
        {label}
      </button>
    </form>
  );
}
