import type { Child } from 'hono/jsx';

interface TableProps {
  /** What the table lists, for those who do not see it. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Rows, of which each starts with a `th` if it has a name. */
  readonly children: Child;
}

/** A list in columns. Where there is no room for it, it scrolls by itself, not the page. */
export function Table({ caption, columns, children }: TableProps) {
  return (
    <section class="table-wrap" tabindex={0} aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** The way through a list that is longer than its page. */
export function Pager({ newest, next }: { newest: string | undefined; next: string | undefined }) {
  if (newest === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {newest !== undefined && <a href={newest}>Back to the newest</a>}
      {next !== undefined && (
        <a href={next} rel="next">
          Older
        </a>
      )}
    </nav>
  );
}

/** A list without anything in it: why, and what to do. */
export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
