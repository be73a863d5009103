import type { Visit } from '../../kernel/visit.ts';
import { Tabs } from '../../parts/tabs.tsx';

export const SECTION_TITLE = 'Roles & scopes';

/** The two parts of the section, of which one is shown. */
export function RoleTabs({ visit, current }: { visit: Visit; current: 'roles' | 'scopes' }) {
  return (
    <Tabs
      label={SECTION_TITLE}
      tabs={[
        { title: 'Roles', href: visit.at('/roles'), isCurrent: current === 'roles' },
        { title: 'Scope catalogue', href: visit.at('/roles/scopes'), isCurrent: current === 'scopes' },
      ]}
    />
  );
}

/** Links back from a page about one of them. */
export function crumbsTo(visit: Visit, ...below: readonly { readonly title: string; readonly href: string }[]) {
  return [{ title: SECTION_TITLE, href: visit.at('/roles') }, ...below];
}
