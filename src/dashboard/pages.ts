import type { Pages } from './kernel/pages.ts';
import { mountAccount } from './pages/account/account.ts';
import { mountErase } from './pages/audit-log/erase.tsx';
import { mountAuditEvent } from './pages/audit-log/event.tsx';
import { mountAuditList } from './pages/audit-log/list-pages.ts';
import { mountAuditVerify } from './pages/audit-log/verify.tsx';
import { mountKeys } from './pages/keys/keys.ts';
import { mountMembers } from './pages/members/members.ts';
import { mountOverview } from './pages/overview/overview.tsx';
import { mountProjects } from './pages/projects/mount.ts';
import { mountRequests } from './pages/requests/requests.tsx';
import { mountRoles } from './pages/roles/mount.ts';
import { mountSettings } from './pages/settings/settings-page.tsx';
import { mountTokenPages } from './pages/tokens/detail-pages.ts';
import { mountTokenIssue } from './pages/tokens/issue.tsx';
import { mountTokenList } from './pages/tokens/list.tsx';

/** Every page for members. */
export function mountPages(pages: Pages): void {
  mountOverview(pages);
  mountMembers(pages);
  mountTokenList(pages);
  // Before the page of a token, whose id `new` is not.
  mountTokenIssue(pages);
  mountTokenPages(pages);
  mountProjects(pages);
  mountRoles(pages);
  mountAuditList(pages);
  mountRequests(pages);
  mountAuditVerify(pages);
  mountErase(pages);
  // After every page of the log whose name could pass for an id.
  mountAuditEvent(pages);
  mountKeys(pages);
  mountAccount(pages);
  mountSettings(pages);
}
