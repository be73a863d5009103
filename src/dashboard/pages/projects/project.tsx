import { PROJECT } from '../../../identity/named/kind.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { listTokens } from '../../../tokens/list.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import { Card } from '../../parts/facts.tsx';
import { creatorOf, NamedFacts } from '../named/facts.tsx';
import { findNamed } from '../named/find.ts';
import { Size } from '../named/size.tsx';
import { TokensCard } from '../named/tokens-card.tsx';

const SHOWN_TOKENS = 5;

/** One project, and the newest of its tokens. */
export function mountProject(pages: Pages): void {
  pages.page('/projects/:id', 'getProject', async (visit): Promise<View> => {
    const { services, caller } = visit;
    const project = await findNamed(visit, PROJECT);
    const [creator, sizes, tokens] = await Promise.all([
      creatorOf(visit, project),
      readGroupSizes(services, caller, 'project_id', [project.id]),
      listTokens(services, caller, { projectId: project.id, limit: SHOWN_TOKENS }),
    ]);
    const size = sizes?.get(project.id);
    const page = (path: string) => visit.at(`/projects/${project.id}${path}`);
    return {
      title: project.name,
      section: 'projects',
      crumbs: [{ title: 'Projects', href: visit.at('/projects') }],
      actions: (
        <>
          {visit.may('updateProject') && (
            <a class="button" href={page('/edit')}>
              Edit project
            </a>
          )}
          {visit.may('revokeTokensOfProject') && (
            <a class="button button-danger" href={page('/revoke-tokens')}>
              Revoke all tokens
            </a>
          )}
          {visit.may('deleteProject') && (
            <a class="button button-danger" href={page('/delete')}>
              Delete project
            </a>
          )}
        </>
      ),
      body: (
        <>
          <Card title="Facts">
            <NamedFacts
              visit={visit}
              item={project}
              creator={creator}
              more={[['Tokens', size && <Size size={size} />]]}
            />
          </Card>
          <TokensCard
            visit={visit}
            title={visit.environment === 'live' ? 'Tokens' : 'Tokens of the test environment'}
            none="None in this environment. Whoever issues a token chooses the project that it belongs to."
            tokens={tokens}
            href={visit.at(`/tokens?project_id=${project.id}`)}
          />
        </>
      ),
    };
  });
}
