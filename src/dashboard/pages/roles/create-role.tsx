import type { Role } from '../../../identity/named/kind.ts';
import { createRole } from '../../../tokens/roles/change.ts';
import type { Form } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { readRoleChoices } from './role-choices.ts';
import { namingScopesIn, RoleForm, roleIn } from './role-form.tsx';
import { crumbsTo } from './sections.tsx';

export function mountCreateRole(pages: Pages): void {
  pages.form('/roles/new', 'createRole', {
    show: async (visit, draft) => ({
      title: 'Create role',
      section: 'roles',
      crumbs: crumbsTo(visit),
      scripts: ['issue.js'],
      body: (
        <div class="narrow">
          <RoleForm
            visit={visit}
            draft={draft}
            choices={await readRoleChoices(visit)}
            submit="Create role"
            cancel={visit.at('/roles')}
          >
            <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD) || onceKey(visit)} />
          </RoleForm>
        </div>
      ),
    }),
    submit: (visit, form) => submit(visit, form).catch(namingScopesIn(form)),
  });
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const outcome = await performOnce<Role>(visit, form, {
    perform: (once) => createRole(visit.services, visit.caller, roleIn(form), once),
    pathOf: ({ id }) => visit.at(`/roles/${id}`),
  });
  if ('madeBefore' in outcome) return seeOther(outcome.madeBefore);
  const { id, name } = outcome.made;
  return seeOther(visit.at(`/roles/${id}`), `Role “${name}” is created. Give it to tokens and members.`);
}
