import type { Child } from 'hono/jsx';

/** What is known of one thing: names, and what stands for each. Those without a value are left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: Child | undefined])[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A part of a page with a heading of its own. */
export function Card({
  title,
  note,
  actions,
  children,
}: {
  title: string;
  note?: Child;
  actions?: Child;
  children: Child;
}) {
  return (
    <section class="card">
      <header class="card-head">
        <h2>{title}</h2>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </header>
      {note !== undefined && <p class="muted">{note}</p>}
      {children}
    </section>
  );
}
