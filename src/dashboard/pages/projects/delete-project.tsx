import { PROJECT } from '../../../identity/named/kind.ts';
import { readGroupSizes } from '../../../tokens/group-sizes.ts';
import { deleteProject } from '../../../tokens/projects/delete.ts';
import type { Pages } from '../../kernel/pages.ts';
import { seeOther } from '../../kernel/view.ts';
import { PageForm } from '../../parts/form.tsx';
import { findNamed } from '../named/find.ts';
import { sizeText, totalOf } from '../named/size.tsx';

export function mountDeleteProject(pages: Pages): void {
  pages.form('/projects/:id/delete', 'deleteProject', {
    async show(visit, draft) {
      const { id, name } = await findNamed(visit, PROJECT);
      const sizes = await readGroupSizes(visit.services, visit.caller, 'project_id', [id]);
      const size = sizes?.get(id);
      const page = visit.at(`/projects/${id}`);
      return {
        title: 'Delete project',
        section: 'projects',
        crumbs: [
          { title: 'Projects', href: visit.at('/projects') },
          { title: name, href: page },
        ],
        body: (
          <div class="narrow stack">
            {size !== undefined && totalOf(size) > 0 ? (
              <>
                <p class="alert alert-warn">
                  <span>
                    The project{' '}
                    <strong>
                      <bdi>{name}</bdi>
                    </strong>{' '}
                    still has tokens that are neither revoked nor expired: {sizeText(size)}. As long as it has, it
                    cannot be deleted.
                  </span>
                </p>
                <p>Revoke them first, or put them into another project one by one. Then delete this one.</p>
                <p class="actions">
                  <a class="button" href={visit.at(`/tokens?project_id=${id}`)}>
                    Look at the tokens
                  </a>
                  <a class="button" href={page}>
                    Back to the project
                  </a>
                </p>
              </>
            ) : (
              <PageForm csrf={visit.csrf} draft={draft} submit="Delete project" cancel={page} danger>
                <p>
                  The project{' '}
                  <strong>
                    <bdi>{name}</bdi>
                  </strong>{' '}
                  has no token left that could be used, so nothing stops working. Revoked and expired tokens stay, and
                  are in no project any more. This cannot be undone.
                </p>
              </PageForm>
            )}
          </div>
        ),
      };
    },
    async submit(visit) {
      const { id, name } = await findNamed(visit, PROJECT);
      await deleteProject(visit.services, visit.caller, id);
      return seeOther(visit.at('/projects'), `Project “${name}” is deleted.`);
    },
  });
}
