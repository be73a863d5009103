import { removeScope } from '../../../tokens/catalogue.ts';
import { countRolesWith } from '../../../tokens/roles/use.ts';
import { getSettings } from '../../../tokens/settings.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { findScope } from './find-scope.ts';
import { crumbsTo } from './sections.tsx';

export function mountRemoveScope(pages: Pages): void {
  pages.form('/roles/scopes/:name/delete', 'deleteScope', {
    async show(visit, draft) {
      const { services, caller } = visit;
      const { name } = await findScope(visit);
      const [roles, settings] = await Promise.all([
        countRolesWith(services, caller, [name]),
        getSettings(services, caller),
      ]);
      const count = roles.get(name) ?? 0;
      const catalogue = visit.at('/roles/scopes');
      return {
        title: `Remove ${name}`,
        section: 'roles',
        crumbs: crumbsTo(visit, { title: 'Scope catalogue', href: catalogue }),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={draft} submit="Remove scope" cancel={catalogue} danger>
              <p>
                Tokens and roles that have <code>{name}</code> keep it, and nothing stops working.{' '}
                {count > 0 && `${counted(count, 'role')} ${count === 1 ? 'grants' : 'grant'} it. `}
                <a href={visit.at(`/tokens?${new URLSearchParams({ scope: name })}`)}>
                  Look at the tokens that can do it
                </a>
              </p>
              <p>
                {settings.isScopeCatalogueEnforced
                  ? 'No token and no role can get it any more from then on: the catalogue is enforced.'
                  : 'It is not offered any more where scopes are picked, but can still be typed: the catalogue is not enforced.'}{' '}
                Its description is lost.
              </p>
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit) {
      const { name } = await findScope(visit);
      await removeScope(visit.services, visit.caller, name);
      return seeOther(
        visit.at('/roles/scopes'),
        `Scope ${name} is no longer in the catalogue. Tokens that have it keep it.`,
      );
    },
  });
}
