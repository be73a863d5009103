import type { Pages } from './kernel/pages.ts';
import { mountOverview } from './pages/overview/overview.tsx';
import { mountProjects } from './pages/projects/mount.ts';
import { mountToken } from './pages/tokens/detail.tsx';
import { mountTokenList } from './pages/tokens/list.tsx';

/** Every page for members. */
export function mountPages(pages: Pages): void {
  mountOverview(pages);
  mountTokenList(pages);
  mountToken(pages);
  mountProjects(pages);
}
