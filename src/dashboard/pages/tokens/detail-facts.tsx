import type { Project } from '../../../identity/named/kind.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import { type Names, Who } from './detail-who.tsx';

interface AboutProps {
  readonly visit: Visit;
  readonly token: Token;
  readonly names: Names;
  readonly project: Project | undefined;
}

/** Whose a token is, what bounds it, and what became of it. */
export function AboutCard(props: AboutProps) {
  const { visit, token, names } = props;
  const { now } = visit;
  const issuer = token.issuedThrough.at(-1);
  return (
    <Card title="About it">
      <Facts
        facts={[
          ['Owner', <OwnerOf {...props} />],
          ['Project', <ProjectOf {...props} />],
          ['Audience', token.audience === null ? 'Any service' : <code>{token.audience}</code>],
          ['Allowed networks', <Networks cidrs={token.allowedCidrs} />],
          ['Not before', token.notBefore === null ? undefined : <When at={token.notBefore} now={now} />],
          ['Expires', token.expiresAt === null ? 'Never expires' : <When at={token.expiresAt} now={now} />],
          ['Last used', <LastUse token={token} now={now} />],
          [
            'Issued',
            <>
              <When at={token.createdAt} now={now} />
              <br />
              by <Who id={token.createdBy} names={names} visit={visit} />
            </>,
          ],
          [
            'Descends from',
            issuer === undefined || issuer === token.createdBy ? undefined : (
              <Who id={issuer} names={names} visit={visit} />
            ),
          ],
          ['Last rotated', token.rotatedAt === null ? 'never' : <When at={token.rotatedAt} now={now} />],
        ]}
      />
    </Card>
  );
}

function OwnerOf({ visit, token: { owner } }: AboutProps) {
  if (owner === null) return <>The workspace, no member</>;
  if (owner.id === visit.caller.principal.id) return <>You</>;
  const name = <bdi>{owner.name}</bdi>;
  return (
    <>
      {visit.may('listMembers') ? <a href={visit.at(`/members/${owner.id}`)}>{name}</a> : name}
      {owner.isRemoved && (
        <>
          {' '}
          <Badge tone="warn">Removed</Badge>
        </>
      )}
    </>
  );
}

function ProjectOf({ visit, token, project }: AboutProps) {
  if (token.projectId === null) return <>None</>;
  if (project === undefined) return <code>{token.projectId}</code>;
  const name = <bdi>{project.name}</bdi>;
  return visit.may('createProject') ? <a href={visit.at(`/projects/${project.id}`)}>{name}</a> : name;
}

function Networks({ cidrs }: { cidrs: Token['allowedCidrs'] }) {
  if (cidrs === null) return <>Any address</>;
  return (
    <span class="tags">
      {cidrs.map((cidr) => (
        <span class="tag">{cidr}</span>
      ))}
    </span>
  );
}

function LastUse({ token, now }: { token: Token; now: Date }) {
  if (token.lastUsedAt === null) return <>never</>;
  return (
    <>
      <When at={token.lastUsedAt} now={now} />
      {token.lastUsedFrom !== null && (
        <>
          <br />
          from <code>{token.lastUsedFrom}</code>
        </>
      )}
    </>
  );
}

/** What whoever issued a token noted on it: text, whatever it looks like. */
export function MetadataCard({ metadata }: Pick<Token, 'metadata'>) {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return null;
  return (
    <Card title="Metadata" note="Introspection shows it to the services that ask.">
      <Facts
        facts={entries.map(([name, value]) => [
          name,
          typeof value === 'string' ? (
            <bdi>{value}</bdi>
          ) : (
            <code class="metadata-value">{JSON.stringify(value, undefined, 2)}</code>
          ),
        ])}
      />
    </Card>
  );
}
