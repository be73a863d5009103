import { createScope } from '../../../tokens/catalogue.ts';
import type { CataloguedScope } from '../../../tokens/store/catalogue.ts';
import { newScope } from '../../../web/scope-fields.ts';
import { parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { textOrNull } from '../named/fields.ts';
import { crumbsTo } from './sections.tsx';

export function mountAddScope(pages: Pages): void {
  pages.form('/roles/scopes/new', 'createScope', {
    show(visit, draft) {
      const catalogue = visit.at('/roles/scopes');
      return {
        title: 'Add scope',
        section: 'roles',
        crumbs: crumbsTo(visit, { title: 'Scope catalogue', href: catalogue }),
        body: (
          <div class="narrow">
            <PageForm csrf={visit.csrf} draft={draft} submit="Add scope" cancel={catalogue}>
              <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD) || onceKey(visit)} />
              <TextField
                name="name"
                label="Name"
                draft={draft}
                placeholder="invoices:write"
                hint="As resource:action, in lower case. It stays as it is: tokens refer to it."
                maxlength={128}
                required
                mono
              />
              <TextArea
                name="description"
                label="Description"
                draft={draft}
                hint="What somebody can do who has it. It is shown to whoever picks scopes."
                optional
              />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const fields = { name: form.text('name').trim(), description: textOrNull(form, 'description') };
      const outcome = await performOnce<CataloguedScope>(visit, form, {
        perform: (once) => createScope(visit.services, visit.caller, parseFields(newScope, fields), once),
        pathOf: () => visit.at('/roles/scopes'),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore);
      return seeOther(visit.at('/roles/scopes'), `Scope ${outcome.made.name} is in the catalogue.`);
    },
  });
}
