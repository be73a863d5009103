import type { Child } from 'hono/jsx';
import { Card } from '../../parts/facts.tsx';

/** Stands above a form whose thing somebody else has changed meanwhile: how it is now. Who saves after reading this means to. */
export function ChangedMeanwhile({ children }: { children: Child }) {
  return (
    <Card
      title="As it is now"
      note="Somebody has changed this since you opened the form. What you typed is kept below; saving it replaces what is shown here."
    >
      {children}
    </Card>
  );
}
