import type { AuditEvent } from '../../../audit/events/event.ts';
import type { OperationName } from '../../../rights/rights.ts';
import type { Visit } from '../../kernel/visit.ts';

interface Page {
  readonly path: string;
  readonly needs: OperationName;
}

/** By the type of what has a page of its own. */
const PAGES: Readonly<Partial<Record<string, Page>>> = {
  token: { path: '/tokens', needs: 'getToken' },
  api_key: { path: '/keys', needs: 'getApiKey' },
  member: { path: '/members', needs: 'getMember' },
  role: { path: '/roles', needs: 'getRole' },
  project: { path: '/projects', needs: 'getProject' },
};

const KINDS: Readonly<Record<AuditEvent['actor']['type'] | AuditEvent['targets'][number]['type'], string>> = {
  anonymous: 'nobody known',
  api_key: 'API key',
  group: 'group',
  member: 'member',
  project: 'project',
  role: 'role',
  scope: 'scope',
  session: 'session',
  settings: 'settings',
  source: 'address',
  system: 'Tooken itself',
  token: 'token',
  workspace: 'workspace',
};

interface SubjectProps {
  readonly visit: Visit;
  readonly subject: AuditEvent['actor'] | AuditEvent['targets'][number];
  readonly isErased: boolean;
}

/** Who or what it is: its name, what kind of thing, its id, and a link to its page for those who may see that. */
export function Subject({ visit, subject, isErased: isNameErased }: SubjectProps) {
  const { type, name } = subject;
  // Of an address that was erased not even the event of that keeps more than that it was one.
  const isErased = isNameErased || type === 'source';
  const id = type === 'source' ? null : subject.id;
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : type;
  const href = hrefOf(visit, type, id);
  const label = name === null ? undefined : <bdi class="subject-name">{name}</bdi>;
  const code = id === null ? undefined : <code>{id}</code>;
  return (
    <span class="subject">
      {label === undefined && isErased && <Erased />}
      {label !== undefined && (href === undefined ? label : <a href={href}>{label}</a>)}
      {(label !== undefined || isErased || code === undefined) && <span class="muted">{kind}</span>}
      {label === undefined && href !== undefined ? <a href={href}>{code}</a> : code}
    </span>
  );
}

/** In the place of what was there. */
export function Erased() {
  return <em class="said-erased">erased</em>;
}

/** To what else the log has that is alike. */
export function Alike({
  visit,
  text,
  filter,
}: {
  visit: Visit;
  text: string;
  filter: Readonly<Record<string, string>>;
}) {
  return <a href={visit.at(`/audit-log?${new URLSearchParams(filter)}`)}>{text}</a>;
}

/** To where its personal data can be erased, for those who may do that. */
export function EraseLink({ visit, type, id }: { visit: Visit; type: string; id: string | null }) {
  if (id === null || !PERSONAL.includes(type) || !visit.may('erasePersonalData')) return null;
  return <a href={visit.at(`/audit-log/erase?${new URLSearchParams({ type, id })}`)}>Erase personal data</a>;
}

/** What is about a person. */
const PERSONAL: readonly string[] = ['member', 'source'];

function hrefOf(visit: Visit, type: string, id: string | null): string | undefined {
  const page = Object.hasOwn(PAGES, type) ? PAGES[type] : undefined;
  return page === undefined || id === null || !visit.may(page.needs) ? undefined : visit.at(`${page.path}/${id}`);
}
