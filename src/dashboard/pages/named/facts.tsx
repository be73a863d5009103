import type { Child } from 'hono/jsx';
import type { Named } from '../../../identity/named/kind.ts';
import { namePrincipals } from '../../../introspection/usage/names.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Facts } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';

/** What its maker is called, as far as the member may know. */
export async function creatorOf({ services, caller }: Visit, { createdBy }: Named): Promise<string> {
  if (createdBy === 'system') return 'an operator, on the command line';
  return (await namePrincipals(services, caller, [createdBy])).get(createdBy) ?? createdBy;
}

interface NamedFactsProps {
  readonly visit: Visit;
  readonly item: Named;
  readonly creator: string;
  /** Between what it is and where it comes from. */
  readonly more?: readonly (readonly [name: string, value: Child | undefined])[];
}

/** What roles and projects have in common. */
export function NamedFacts({ visit: { now }, item, creator, more = [] }: NamedFactsProps) {
  const { id, description, createdAt, updatedAt, revision } = item;
  return (
    <Facts
      facts={[
        ['Description', description === null ? undefined : <span class="lines">{description}</span>],
        ...more,
        ['Created', <When at={createdAt} now={now} />],
        ['Created by', creator],
        ['Last changed', revision === 1 ? undefined : <When at={updatedAt} now={now} />],
        ['Id', <Copyable label="Id" text={id} />],
      ]}
    />
  );
}
