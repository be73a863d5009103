import { changeGroup } from '../../../identity/groups/change.ts';
import { deleteGroup } from '../../../identity/groups/delete.ts';
import { sizesOf } from '../../../identity/groups/size.ts';
import { createNamed } from '../../../identity/named/create.ts';
import { GROUP, type Group } from '../../../identity/named/kind.ts';
import { newGroup } from '../../../web/named-fields.ts';
import { type Form, parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { Facts } from '../../parts/facts.tsx';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { draftOf, expectedBy, isStale, REVISION_FIELD, textOrNull } from '../named/fields.ts';
import { findNamed } from '../named/find.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { GroupFields } from './group-fields.tsx';
import { showGroups } from './group-list.tsx';
import { membersCrumb } from './member-path.ts';

/** Groups of members, which services that introspect are told of. Only who manages members needs to know them here. */
export function mountGroups(pages: Pages): void {
  pages.page('/members/groups', 'createGroup', showGroups);
  mountNewGroup(pages);
  mountEditGroup(pages);
  mountDeleteGroup(pages);
}

const listPath = (visit: Visit) => visit.at('/members/groups');
const crumbs = (visit: Visit) => [membersCrumb(visit), { title: 'Groups', href: listPath(visit) }];

function fieldsOf(form: Form): object {
  return { name: form.text('name').trim(), description: textOrNull(form, 'description') };
}

function mountNewGroup(pages: Pages): void {
  pages.form('/members/groups/new', 'createGroup', {
    show(visit, draft) {
      const shown = draftOf(draft, { [ONCE_FIELD]: onceKey(visit) });
      return {
        title: 'Create group',
        section: 'members',
        crumbs: crumbs(visit),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={shown} submit="Create group" cancel={listPath(visit)}>
              <input type="hidden" name={ONCE_FIELD} value={shown.form.text(ONCE_FIELD)} />
              <GroupFields draft={shown} />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const input = parseFields(newGroup, fieldsOf(form));
      const outcome = await performOnce<Group>(visit, form, {
        perform: (once) => createNamed(visit.services, visit.caller, GROUP, input, { once }),
        pathOf: () => listPath(visit),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore);
      return seeOther(listPath(visit), `Group “${outcome.made.name}” is there. Edit a member to put somebody in.`);
    },
  });
}

function mountEditGroup(pages: Pages): void {
  pages.form('/members/groups/:id/edit', 'updateGroup', {
    async show(visit, draft) {
      const group = await findNamed(visit, GROUP);
      const { name, description, revision } = group;
      const shown = draftOf(draft, { name, description: description ?? '' });
      return {
        title: `Edit group ${name}`,
        section: 'members',
        crumbs: crumbs(visit),
        body: (
          <div class="narrow stack">
            <p class="muted">
              Services see the new name with the next introspection. Tell those that look for the old one.
            </p>
            {isStale(draft, group) && (
              <ChangedMeanwhile>
                <Facts
                  facts={[
                    ['Name', name],
                    ['Description', description ?? 'none'],
                  ]}
                />
              </ChangedMeanwhile>
            )}
            <PageForm csrf={visit.csrf} draft={shown} submit="Save changes" cancel={listPath(visit)}>
              <input type="hidden" name={REVISION_FIELD} value={String(revision)} />
              <GroupFields draft={shown} />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const input = parseFields(newGroup, fieldsOf(form));
      const { id } = await findNamed(visit, GROUP);
      const { group, effective } = await changeGroup(visit.services, visit.caller, id, input, expectedBy(form));
      return seeOther(listPath(visit), `Group “${group.name}” is changed, ${effectiveOn(effective)}.`);
    },
  });
}

function mountDeleteGroup(pages: Pages): void {
  pages.form('/members/groups/:id/delete', 'deleteGroup', {
    async show(visit, draft) {
      const group = await findNamed(visit, GROUP);
      const size = (await sizesOf(visit.services, visit.caller, [group.id]))(group.id);
      return {
        title: `Delete group ${group.name}`,
        section: 'members',
        crumbs: crumbs(visit),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={draft} submit="Delete group" danger cancel={listPath(visit)}>
              <p>
                {size === 0
                  ? 'Nobody is in this group.'
                  : `${counted(size, 'member')} ${size === 1 ? 'is' : 'are'} in this group, and in it no more afterwards.`}{' '}
                Services are told of it no longer, from the next introspection on: what they show by it, they stop
                showing. Members and tokens stay.
              </p>
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit) {
      const { services, caller } = visit;
      const { id, name } = await findNamed(visit, GROUP);
      const { effective } = await deleteGroup(services, caller, id);
      return seeOther(listPath(visit), `Group “${name}” is deleted, ${effectiveOn(effective)}.`);
    },
  });
}
