import { PROJECT, type Project } from '../../../identity/named/kind.ts';
import { getNamed } from '../../../identity/named/list.ts';
import { readTokenReliance } from '../../../introspection/usage/reliance.ts';
import { readTokenUses } from '../../../introspection/usage/token-uses.ts';
import type { Token } from '../../../tokens/token.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Card } from '../../parts/facts.tsx';
import { introspectCommand } from '../../parts/introspect-command.ts';
import { TokenActions } from './detail-actions.tsx';
import { AboutCard, MetadataCard } from './detail-facts.tsx';
import { HistoryCard, readHistory } from './detail-history.tsx';
import { namesOf } from './detail-names.ts';
import { isOver } from './detail-over.tsx';
import { OverlapCard } from './detail-overlap.tsx';
import { RightsCard } from './detail-rights.tsx';
import { Standing } from './detail-standing.tsx';
import { tokenOf } from './detail-token.ts';
import { IntrospectorsCard, SourcesCard, UseOverTime } from './detail-use.tsx';

/** Everything about one token. */
export function mountToken(pages: Pages): void {
  pages.page('/tokens/:id', 'getToken', async (visit) => viewOf(visit, await tokenOf(visit)));
}

async function viewOf(visit: Visit, token: Token): Promise<View> {
  const { services, caller } = visit;
  const [names, project, uses, reliance, events] = await Promise.all([
    namesOf(visit, token),
    projectOf(visit, token),
    readTokenUses(services, caller, token.id),
    readTokenReliance(services, caller, token.id),
    readHistory(visit, token),
  ]);
  return {
    title: token.name,
    section: 'tokens',
    crumbs: [{ title: 'Tokens', href: visit.at('/tokens') }],
    actions: <TokenActions visit={visit} token={token} />,
    body: (
      <>
        <Standing visit={visit} token={token} names={names} issued={reliance.issuedTokens} />
        <OverlapCard visit={visit} token={token} names={names} />
        <div class="columns">
          <div class="stack">
            <RightsCard visit={visit} token={token} />
            <MetadataCard metadata={token.metadata} />
          </div>
          <AboutCard visit={visit} token={token} names={names} project={project} />
        </div>
        <UseOverTime activity={uses.activity} />
        <SourcesCard visit={visit} sources={uses.sources} />
        <IntrospectorsCard visit={visit} introspectors={reliance.introspectors} />
        <HistoryCard visit={visit} about={token} events={events} />
        {visit.may('listApiKeys') && !isOver(token, visit.now) && (
          <Card title="Ask about it" note="What a service asks when it is shown this token.">
            <Copyable
              label="the command that asks about it"
              text={introspectCommand(services.config.publicUrl)}
              block
            />
          </Card>
        )}
      </>
    ),
  };
}

async function projectOf({ services, caller }: Visit, { projectId }: Token): Promise<Project | undefined> {
  return projectId === null ? undefined : await getNamed(services, caller, PROJECT, projectId);
}
