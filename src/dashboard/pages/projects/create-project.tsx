import { createNamed } from '../../../identity/named/create.ts';
import { PROJECT, type Project } from '../../../identity/named/kind.ts';
import { newProject } from '../../../web/project-fields.ts';
import { parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { textOrNull } from '../named/fields.ts';
import { ProjectForm } from './project-form.tsx';

export function mountCreateProject(pages: Pages): void {
  pages.form('/projects/new', 'createProject', {
    show: (visit, draft) => ({
      title: 'Create project',
      section: 'projects',
      crumbs: [{ title: 'Projects', href: visit.at('/projects') }],
      body: (
        <div class="narrow">
          <ProjectForm visit={visit} draft={draft} submit="Create project" cancel={visit.at('/projects')}>
            <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD) || onceKey(visit)} />
          </ProjectForm>
        </div>
      ),
    }),
    async submit(visit, form) {
      const { services, caller } = visit;
      const outcome = await performOnce<Project>(visit, form, {
        perform(once) {
          const fields = { name: form.text('name'), description: textOrNull(form, 'description') };
          return createNamed(services, caller, PROJECT, parseFields(newProject, fields), { once });
        },
        pathOf: ({ id }) => visit.at(`/projects/${id}`),
      });
      if ('madeBefore' in outcome) return seeOther(outcome.madeBefore);
      const { id, name } = outcome.made;
      return seeOther(visit.at(`/projects/${id}`), `Project “${name}” is created. Choose it when you issue tokens.`);
    },
  });
}
