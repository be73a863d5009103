import type { Child } from 'hono/jsx';
import type { Named } from '../../../identity/named/kind.ts';
import { namePrincipals } from '../../../introspection/usage/names.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Facts } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import { type Names, Who } from '../tokens/detail-who.tsx';

/** What its maker is called, as far as the member may know. */
export function creatorOf({ services, caller }: Visit, { createdBy }: Named): Promise<Names> {
  return namePrincipals(services, caller, [createdBy]);
}

interface NamedFactsProps {
  readonly visit: Visit;
  readonly item: Named;
  readonly creator: Names;
  /** Between what it is and where it comes from. */
  readonly more?: readonly (readonly [name: string, value: Child | undefined])[];
}

/** What roles and projects have in common. */
export function NamedFacts({ visit, item, creator, more = [] }: NamedFactsProps) {
  const { id, description, createdAt, createdBy, updatedAt, revision } = item;
  const { now } = visit;
  return (
    <Facts
      facts={[
        ['Description', description === null ? undefined : <bdi class="lines">{description}</bdi>],
        ...more,
        ['Created', <When at={createdAt} now={now} />],
        ['Created by', <Who id={createdBy} names={creator} visit={visit} />],
        ['Last changed', revision === 1 ? undefined : <When at={updatedAt} now={now} />],
        ['Id', <Copyable label="Id" text={id} />],
      ]}
    />
  );
}
