import type { Token } from '../../../tokens/token.ts';
import { Facts } from '../../parts/facts.tsx';
import { absoluteTime } from '../../parts/times.ts';
import { ScopeTags } from '../../parts/token.tsx';
import { metadataText } from './metadata-text.ts';
import type { References } from './references.ts';

/** What an edit of the token would replace: for who edits it while somebody else has changed it. */
export function TokenAsItIs({ token, projects }: { token: Token; projects: References }) {
  const { name, description, scopes, role, projectId, allowedCidrs, expiresAt, metadata } = token;
  const project = projects.items.find(({ id }) => id === projectId)?.name ?? projectId;
  return (
    <Facts
      facts={[
        ['Name', <bdi>{name}</bdi>],
        ['Description', description === null ? undefined : <bdi>{description}</bdi>],
        ['Scopes', scopes.length === 0 ? undefined : <ScopeTags scopes={scopes} />],
        ['Role', role === null ? undefined : <bdi>{role.name}</bdi>],
        ['Project', project === null ? undefined : <bdi>{project}</bdi>],
        ['Expires', expiresAt === null ? 'Never expires' : absoluteTime(expiresAt, 'second')],
        ['Allowed addresses', allowedCidrs === null ? 'Any address' : allowedCidrs.join(', ')],
        [
          'Metadata',
          Object.keys(metadata).length === 0 ? undefined : <code class="metadata-value">{metadataText(metadata)}</code>,
        ],
      ]}
    />
  );
}
