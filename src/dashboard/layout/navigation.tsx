import { ENVIRONMENTS } from '../../credentials/format.ts';
import type { OperationName } from '../../rights/rights.ts';
import type { Section } from '../kernel/view.ts';
import type { Visit } from '../kernel/visit.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';

interface Entry {
  readonly section: Section;
  readonly title: string;
  readonly path: string;
  readonly icon: IconName;
  /** Who may not do this does not see the entry. */
  readonly needs: OperationName;
}

const GROUPS: readonly { readonly title: string; readonly entries: readonly Entry[] }[] = [
  {
    title: 'Credentials',
    entries: [
      { section: 'overview', title: 'Overview', path: '/overview', icon: 'overview', needs: 'listTokens' },
      { section: 'tokens', title: 'Tokens', path: '/tokens', icon: 'token', needs: 'listTokens' },
      { section: 'projects', title: 'Projects', path: '/projects', icon: 'project', needs: 'createProject' },
      { section: 'keys', title: 'API keys', path: '/keys', icon: 'key', needs: 'listApiKeys' },
    ],
  },
  {
    title: 'Record',
    entries: [
      { section: 'audit-log', title: 'Audit log', path: '/audit-log', icon: 'log', needs: 'listAuditEvents' },
      { section: 'requests', title: 'Requests', path: '/requests', icon: 'request', needs: 'listRequests' },
    ],
  },
  {
    title: 'Workspace',
    entries: [
      { section: 'members', title: 'Members', path: '/members', icon: 'member', needs: 'listMembers' },
      { section: 'roles', title: 'Roles & scopes', path: '/roles', icon: 'role', needs: 'createRole' },
      { section: 'settings', title: 'Settings', path: '/settings', icon: 'settings', needs: 'updateSettings' },
    ],
  },
];

/** The way to every part of the dashboard that the member may see, and to the other environment. */
export function Navigation({ visit, section }: { visit: Visit; section: Section | undefined }) {
  const { workspace, member } = visit.session;
  return (
    <header class="side">
      <a class="workspace" href={visit.at('/overview')}>
        <Mark color={workspace.color} />
        <span class="workspace-name">{workspace.name}</span>
      </a>
      <EnvironmentSwitch visit={visit} section={section} />
      <nav class="menu" aria-label="Main">
        {GROUPS.map(({ title, entries }) => {
          const shown = entries.filter(({ needs }) => visit.may(needs));
          if (shown.length === 0) return null;
          return (
            <section class="menu-group">
              <p class="menu-title">{title}</p>
              <ul>
                {shown.map((entry) => (
                  <li>
                    <Link visit={visit} {...entry} isCurrent={entry.section === section} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </nav>
      <div class="me">
        <Link visit={visit} path="/account" icon="account" title={member.name} isCurrent={section === 'account'} />
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf" value={visit.csrf} />
          <button type="submit" class="menu-link">
            <Icon name="out" />
            Sign out
          </button>
        </form>
      </div>
    </header>
  );
}

function Link({
  visit,
  path,
  icon,
  title,
  isCurrent,
}: Pick<Entry, 'path' | 'icon' | 'title'> & { visit: Visit; isCurrent: boolean }) {
  return (
    <a class="menu-link" href={visit.at(path)} aria-current={isCurrent ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{title}</span>
    </a>
  );
}

/** To the same part of the other environment; what has an id exists in one of them only. */
function EnvironmentSwitch({ visit, section }: { visit: Visit; section: Section | undefined }) {
  return (
    <nav class="switch" aria-label="Environment">
      {ENVIRONMENTS.map((environment) => (
        <a
          href={`/${environment}/${section ?? 'overview'}`}
          aria-current={environment === visit.environment ? 'true' : undefined}
        >
          {environment === 'live' ? 'Live' : 'Test'}
        </a>
      ))}
    </nav>
  );
}
