import { RESERVED_SCOPES } from '../../../identity/scopes.ts';
import { getSettings } from '../../../tokens/settings.ts';
import type { CataloguedScope } from '../../../tokens/store/catalogue.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { reservedText } from '../../parts/reserved-scopes.ts';
import { Empty, Table } from '../../parts/table.tsx';
import { counted } from '../../parts/times.ts';
import { type CatalogueList, readCatalogue } from './catalogue-list.ts';
import { RoleTabs, SECTION_TITLE } from './sections.tsx';

/** The scope catalogue: what the scopes of the workspace are called and mean. */
export function mountCatalogue(pages: Pages): void {
  pages.page('/roles/scopes', 'listScopes', async (visit): Promise<View> => {
    const [list, settings] = await Promise.all([
      readCatalogue(visit),
      visit.may('getSettings') ? getSettings(visit.services, visit.caller) : undefined,
    ]);
    return {
      title: SECTION_TITLE,
      section: 'roles',
      ...(visit.may('createScope') && { actions: <AddLink visit={visit} /> }),
      body: (
        <>
          <RoleTabs visit={visit} current="scopes" />
          <p class="muted">
            A scope says what one may do with what: <code>invoices:write</code>. Whoever may write may read, too,
            whether or not the catalogue lists it.
          </p>
          {settings && <Enforcement visit={visit} isEnforced={settings.isScopeCatalogueEnforced} />}
          <Catalogue visit={visit} list={list} />
          <ReservedCard visit={visit} />
        </>
      ),
    };
  });
}

function AddLink({ visit }: { visit: Visit }) {
  return (
    <a class="button button-primary" href={visit.at('/roles/scopes/new')}>
      Add scope
    </a>
  );
}

function Enforcement({ visit, isEnforced }: { visit: Visit; isEnforced: boolean }) {
  return (
    <p>
      {isEnforced
        ? 'Tokens and roles get only scopes that are listed here, and those of Tooken itself.'
        : 'Tokens and roles may get scopes that are not listed here: the catalogue is not enforced.'}{' '}
      <a href={visit.at('/settings')}>Change this in the settings</a>
    </p>
  );
}

function Catalogue({ visit, list: { items, roles, first, next, problem } }: { visit: Visit; list: CatalogueList }) {
  if (problem !== undefined) {
    return (
      <p class="alert alert-bad" role="alert">
        <span>
          {problem} <a href={first}>Back to the beginning</a>
        </span>
      </p>
    );
  }
  if (items.length === 0) {
    return (
      <Empty title="The catalogue is empty">
        <p>List the scopes that your services ask for, so that people pick them by what they mean.</p>
        {visit.may('createScope') && (
          <div class="actions">
            <AddLink visit={visit} />
          </div>
        )}
      </Empty>
    );
  }
  const isChanging = visit.may('updateScope');
  return (
    <>
      <Table caption="Scope catalogue" columns={['Scope', 'Description', 'Used by', ...(isChanging ? ['Change'] : [])]}>
        {items.map((scope) => (
          <ScopeRow visit={visit} scope={scope} roles={roles.get(scope.name) ?? 0} isChanging={isChanging} />
        ))}
      </Table>
      {(first !== undefined || next !== undefined) && (
        <nav class="pager" aria-label="Pages">
          {first !== undefined && <a href={first}>Back to the beginning</a>}
          {next !== undefined && (
            <a href={next} rel="next">
              More scopes
            </a>
          )}
        </nav>
      )}
    </>
  );
}

interface ScopeRowProps {
  readonly visit: Visit;
  readonly scope: CataloguedScope;
  readonly roles: number;
  readonly isChanging: boolean;
}

function ScopeRow({ visit, scope: { name, description }, roles, isChanging }: ScopeRowProps) {
  const page = visit.at(`/roles/scopes/${name}`);
  return (
    <tr>
      <th scope="row" class="cell-scope">
        <code>{name}</code>
      </th>
      <td class="cell-wide">
        {description === null ? <span class="muted">none</span> : <bdi class="lines clamped">{description}</bdi>}
      </td>
      <td class="nowrap">
        <TokensLink visit={visit} scope={name} />
        {roles > 0 && <span class="exact">{counted(roles, 'role')}</span>}
      </td>
      {isChanging && (
        <td class="nowrap">
          <a href={`${page}/edit`} aria-label={`Describe ${name}`}>
            Describe
          </a>{' '}
          ·{' '}
          <a href={`${page}/delete`} aria-label={`Remove ${name}`}>
            Remove
          </a>
        </td>
      )}
    </tr>
  );
}

function TokensLink({ visit, scope }: { visit: Visit; scope: string }) {
  return (
    <a href={visit.at(`/tokens?${new URLSearchParams({ scope })}`)} aria-label={`Find tokens with ${scope}`}>
      Find tokens
    </a>
  );
}

function ReservedCard({ visit }: { visit: Visit }) {
  return (
    <Card
      title="Scopes of Tooken itself"
      note="They exist in every workspace and mean the same in each: with them a token can call the API of Tooken. Give them to programs that manage or check tokens, and to nothing else."
    >
      <Table caption="Scopes of Tooken itself" columns={['Scope', 'What it allows', 'Used by']}>
        {RESERVED_SCOPES.map((name) => (
          <tr>
            <th scope="row" class="cell-scope">
              <code>{name}</code>
            </th>
            <td>{reservedText(name)}</td>
            <td>
              <TokensLink visit={visit} scope={name} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
