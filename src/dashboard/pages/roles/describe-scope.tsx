import { describeScope } from '../../../tokens/catalogue.ts';
import { changedScope } from '../../../web/scope-fields.ts';
import { parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { Facts } from '../../parts/facts.tsx';
import { TextArea } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { draftOf, expectedBy, isStale, REVISION_FIELD, textOrNull } from '../named/fields.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { findScope } from './find-scope.ts';
import { crumbsTo } from './sections.tsx';

export function mountDescribeScope(pages: Pages): void {
  pages.form('/roles/scopes/:name/edit', 'updateScope', {
    async show(visit, draft) {
      const scope = await findScope(visit);
      const { name, description, revision } = scope;
      const catalogue = visit.at('/roles/scopes');
      return {
        title: `Describe ${name}`,
        section: 'roles',
        crumbs: crumbsTo(visit, { title: 'Scope catalogue', href: catalogue }),
        body: (
          <div class="narrow stack">
            {isStale(draft, scope) && (
              <ChangedMeanwhile>
                <Facts facts={[['Description', description ?? <span class="muted">none</span>]]} />
              </ChangedMeanwhile>
            )}
            <PageForm
              csrf={visit.csrf}
              draft={draftOf(draft, { description: description ?? '' })}
              submit="Save description"
              cancel={catalogue}
            >
              <input type="hidden" name={REVISION_FIELD} value={String(revision)} />
              <TextArea
                name="description"
                label="Description"
                draft={draftOf(draft, { description: description ?? '' })}
                hint="What somebody can do who has it. It is shown to whoever picks scopes."
                optional
              />
            </PageForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const { name } = await findScope(visit);
      const { description } = parseFields(changedScope, { description: textOrNull(form, 'description') });
      await describeScope(visit.services, visit.caller, name, description, expectedBy(form));
      return seeOther(visit.at('/roles/scopes'), `The description of ${name} is saved.`);
    },
  });
}
