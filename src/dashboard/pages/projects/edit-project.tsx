import { PROJECT } from '../../../identity/named/kind.ts';
import { changeProject } from '../../../tokens/projects/change.ts';
import { newProject } from '../../../web/project-fields.ts';
import { parseFields } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { Facts } from '../../parts/facts.tsx';
import { draftOf, expectedBy, isStale, REVISION_FIELD, textOrNull } from '../named/fields.ts';
import { findNamed } from '../named/find.ts';
import { ChangedMeanwhile } from '../named/stale.tsx';
import { ProjectForm } from './project-form.tsx';

export function mountEditProject(pages: Pages): void {
  pages.form('/projects/:id/edit', 'updateProject', {
    async show(visit, draft) {
      const project = await findNamed(visit, PROJECT);
      const { id, name, description, revision } = project;
      const page = visit.at(`/projects/${id}`);
      return {
        title: 'Edit project',
        section: 'projects',
        crumbs: [
          { title: 'Projects', href: visit.at('/projects') },
          { title: name, href: page },
        ],
        body: (
          <div class="narrow stack">
            {isStale(draft, project) && (
              <ChangedMeanwhile>
                <Facts
                  facts={[
                    ['Name', name],
                    ['Description', description ?? <span class="muted">none</span>],
                  ]}
                />
              </ChangedMeanwhile>
            )}
            <ProjectForm
              visit={visit}
              draft={draftOf(draft, { name, description: description ?? '' })}
              submit="Save project"
              cancel={page}
            >
              <input type="hidden" name={REVISION_FIELD} value={String(revision)} />
            </ProjectForm>
          </div>
        ),
      };
    },
    async submit(visit, form) {
      const { id } = await findNamed(visit, PROJECT);
      const fields = { name: form.text('name'), description: textOrNull(form, 'description') };
      const input = parseFields(newProject, fields);
      const { name } = await changeProject(visit.services, visit.caller, id, input, expectedBy(form));
      return seeOther(visit.at(`/projects/${id}`), `Project “${name}” is saved.`);
    },
  });
}
