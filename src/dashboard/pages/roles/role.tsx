import { listMembers } from '../../../identity/members/list.ts';
import { ROLE } from '../../../identity/named/kind.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { listTokens } from '../../../tokens/list.ts';
import { listScopeChoices } from '../../../tokens/scope-choices.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import { Card } from '../../parts/facts.tsx';
import { creatorOf, NamedFacts } from '../named/facts.tsx';
import { findNamed } from '../named/find.ts';
import { Size } from '../named/size.tsx';
import { TokensCard } from '../named/tokens-card.tsx';
import { GrantedTable } from './granted-table.tsx';
import { HoldersCard } from './holders-card.tsx';
import { crumbsTo } from './sections.tsx';

const SHOWN = 5;

/** One role: what it grants, and who has it. */
export function mountRole(pages: Pages): void {
  pages.page('/roles/:id', 'getRole', async (visit): Promise<View> => {
    const { services, caller } = visit;
    const role = await findNamed(visit, ROLE);
    const [creator, sizes, tokens, known, members] = await Promise.all([
      creatorOf(visit, role),
      readGroupSizes(services, caller, 'role_id', [role.id]),
      listTokens(services, caller, { roleId: role.id, limit: SHOWN }),
      listScopeChoices(services, caller, 1_000),
      visit.may('listMembers') ? listMembers(services, caller, { role: role.id, limit: SHOWN }) : undefined,
    ]);
    const size = sizes?.get(role.id);
    return {
      title: role.name,
      section: 'roles',
      crumbs: crumbsTo(visit),
      actions: (
        <>
          {visit.may('updateRole') && (
            <a class="button" href={visit.at(`/roles/${role.id}/edit`)}>
              Edit role
            </a>
          )}
          {visit.may('deleteRole') && (
            <a class="button button-danger" href={visit.at(`/roles/${role.id}/delete`)}>
              Delete role
            </a>
          )}
        </>
      ),
      body: (
        <>
          <Card title="Facts">
            <NamedFacts visit={visit} item={role} creator={creator} more={[['Tokens', size && <Size size={size} />]]} />
          </Card>
          <Card title="What it grants">
            <GrantedTable caption="What the role grants" scopes={role.scopes} known={known} />
          </Card>
          {members && <HoldersCard visit={visit} role={role} members={members} />}
          <TokensCard
            visit={visit}
            title={`Tokens that carry it${visit.environment === 'test' ? ' in the test environment' : ''}`}
            none="None in this environment."
            tokens={tokens}
            href={visit.at(`/tokens?role=${role.id}`)}
          />
        </>
      ),
    };
  });
}
