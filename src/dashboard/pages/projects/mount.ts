import type { Pages } from '../../kernel/pages.ts';
import { mountCreateProject } from './create-project.tsx';
import { mountDeleteProject } from './delete-project.tsx';
import { mountEditProject } from './edit-project.tsx';
import { mountProject } from './project.tsx';
import { mountProjectList } from './projects.tsx';
import { mountRevokeTokensOfProject } from './revoke-tokens.tsx';

/** Everything under `/projects`. */
export function mountProjects(pages: Pages): void {
  mountProjectList(pages);
  // Before the page of one project, for which `new` would be an id.
  mountCreateProject(pages);
  mountProject(pages);
  mountEditProject(pages);
  mountRevokeTokensOfProject(pages);
  mountDeleteProject(pages);
}
