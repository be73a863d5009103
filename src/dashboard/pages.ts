import type { Pages } from './kernel/pages.ts';
import { mountOverview } from './pages/overview/overview.tsx';

/** Every page for members. */
export function mountPages(pages: Pages): void {
  mountOverview(pages);
}
