import { ROLE, type Role } from '../../../identity/named/kind.ts';
import { grantableScopes } from '../../../identity/scopes.ts';
import { requireRevision } from '../../../lib/revision.ts';
import { changeRole } from '../../../tokens/roles/change.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { Facts } from '../../parts/facts.tsx';
import { ScopeTags } from '../../parts/token.tsx';
import { draftOf, expectedBy, isStale, REVISION_FIELD } from '../named/fields.ts';
import { findNamed } from '../named/find.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { readRoleChoices } from './role-choices.ts';
import { namingScopesIn, RoleForm, roleIn } from './role-form.tsx';
import { CONFIRMED_FIELD, previewView } from './role-preview.tsx';
import { crumbsTo } from './sections.tsx';

/** Changes a role. Other scopes are shown first as what they add and take away, since tokens follow at once. */
export function mountEditRole(pages: Pages): void {
  pages.form('/roles/:id/edit', 'updateRole', {
    async show(visit, draft) {
      return editView(visit, draft, await findNamed(visit, ROLE));
    },
    submit: (visit, form) => submit(visit, form).catch(namingScopesIn(form)),
  });
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const role = await findNamed(visit, ROLE);
  const expected = expectedBy(form);
  requireRevision(expected, role.revision);
  const input = roleIn(form);
  const scopes = grantableScopes(input.scopes);
  const isSame = scopes.join(' ') === role.scopes.join(' ');
  if (!isSame && !form.has(CONFIRMED_FIELD)) return showOnce(await previewView(visit, form, role, scopes));
  const changed = await changeRole(visit.services, visit.caller, role.id, input, expected);
  const page = visit.at(`/roles/${role.id}`);
  if (isSame) return seeOther(page, `Role “${changed.role.name}” is saved.`);
  return seeOther(page, `Role “${changed.role.name}” is changed, ${effectiveOn(changed.effective)}.`);
}

async function editView(visit: Visit, draft: Draft, role: Role): Promise<View> {
  const { id, name, description, scopes, revision } = role;
  const page = visit.at(`/roles/${id}`);
  return {
    title: 'Edit role',
    section: 'roles',
    crumbs: crumbsTo(visit, { title: name, href: page }),
    scripts: ['issue.js'],
    body: (
      <div class="narrow stack">
        {isStale(draft, role) && (
          <ChangedMeanwhile>
            <Facts
              facts={[
                ['Name', name],
                ['Description', description ?? <span class="muted">none</span>],
                ['Scopes', <ScopeTags scopes={scopes} />],
              ]}
            />
          </ChangedMeanwhile>
        )}
        <RoleForm
          visit={visit}
          draft={draftOf(draft, { name, description: description ?? '', scopes })}
          choices={await readRoleChoices(visit)}
          submit="Save role"
          cancel={page}
        >
          <input type="hidden" name={REVISION_FIELD} value={String(revision)} />
        </RoleForm>
      </div>
    ),
  };
}
