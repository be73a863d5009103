import type { Pages } from '../../kernel/pages.ts';

/** What needs attention, and how much is going on. */
export function mountOverview(pages: Pages): void {
  pages.page('/overview', 'listTokens', () => ({ title: 'Overview', section: 'overview', body: <p>Overview</p> }));
}
