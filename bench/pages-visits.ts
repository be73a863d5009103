import type postgres from 'postgres';
import { systemClock } from '../src/lib/clock.ts';
import { idFromUuid } from '../src/lib/ids.ts';
import { RARE_ACTION } from './seed/audit.ts';
import { RARE_NAME } from './seed/tokens.ts';
import { requestBytes } from './support/http-connection.ts';
import { type PageWeight, weighPage } from './support/page-weight.ts';
import { openProbe } from './support/probe.ts';

/** What pages are about: ids that exist. */
interface Things {
  readonly tokens: readonly string[];
  readonly events: readonly string[];
  readonly members: readonly string[];
  readonly roles: readonly string[];
  readonly projects: readonly string[];
  readonly keys: readonly string[];
}

interface Page {
  readonly name: string;
  /** Asked for in turn, where it should not always be the same thing. */
  readonly paths: (things: Things) => readonly string[];
  readonly isSignedOut?: true;
}

const at = (...paths: readonly string[]) => paths.map((path) => `/live${path}`);
const each = (path: string, ids: readonly string[]) => at(...ids.map((id) => `${path}/${id}`));

/** The pages that are opened. One line each. */
const PAGES: readonly Page[] = [
  { name: 'sign-in', paths: () => ['/sign-in'], isSignedOut: true },
  { name: 'overview', paths: () => at('/overview') },
  { name: 'tokens', paths: () => at('/tokens') },
  { name: 'tokens, active with a common name', paths: () => at('/tokens?name=deploy&status=active') },
  { name: 'tokens, rare name', paths: () => at(`/tokens?name=${RARE_NAME}`) },
  { name: 'tokens, a scope that many have', paths: () => at('/tokens?scope=invoices:read') },
  { name: 'tokens, of one role', paths: ({ roles }) => at(...roles.map((id) => `/tokens?role=${id}`)) },
  { name: 'tokens, active and unused for 90 days', paths: () => at(`/tokens?status=active&unused_since=${ago(90)}`) },
  { name: 'a token', paths: ({ tokens }) => each('/tokens', tokens) },
  { name: 'issuing a token', paths: () => at('/tokens/new') },
  { name: 'audit log', paths: () => at('/audit-log') },
  { name: 'audit log, common action', paths: () => at('/audit-log?action=token.rotated') },
  { name: 'audit log, rare action', paths: () => at(`/audit-log?action=${RARE_ACTION}`) },
  { name: 'audit log, of one token', paths: ({ tokens }) => at(...tokens.map((id) => `/audit-log?target=${id}`)) },
  { name: 'audit log, common words', paths: () => at('/audit-log?q=rotated+success') },
  { name: 'audit log, a week of one outcome', paths: () => at(`/audit-log?outcome=denied&since=${ago(7)}`) },
  { name: 'an audit event', paths: ({ events }) => each('/audit-log', events) },
  { name: 'verifying the audit log', paths: () => at('/audit-log/verify') },
  { name: 'requests', paths: () => at('/requests') },
  { name: 'members', paths: () => at('/members') },
  { name: 'a member', paths: ({ members }) => each('/members', members) },
  { name: 'API keys', paths: () => at('/keys') },
  { name: 'an API key', paths: ({ keys }) => each('/keys', keys) },
  { name: 'roles', paths: () => at('/roles') },
  { name: 'a role', paths: ({ roles }) => each('/roles', roles) },
  { name: 'scopes', paths: () => at('/roles/scopes') },
  { name: 'projects', paths: () => at('/projects') },
  { name: 'a project', paths: ({ projects }) => each('/projects', projects) },
  { name: 'account', paths: () => at('/account') },
];

export interface VisitedPage {
  readonly name: string;
  /** In ms until the last byte, ascending. */
  readonly times: readonly number[];
  /** Of the first of its addresses. */
  readonly weight: PageWeight;
}

interface Visits {
  readonly url: string;
  readonly sql: postgres.Sql;
  /** That of an owner who has signed in. */
  readonly cookie: string;
  readonly count: number;
  readonly onVisited: (page: VisitedPage) => void;
}

const WARM_UPS = 20;
const DAY_MS = 86_400_000;

/** Opens every page, one after the other over one connection, and weighs it. */
export async function visitPages({ url, sql, cookie, count, onVisited }: Visits): Promise<VisitedPage[]> {
  const things = await thingsIn(sql);
  const probe = openProbe(url);
  const visited: VisitedPage[] = [];
  try {
    for (const { name, paths, isSignedOut } of PAGES) {
      const held = isSignedOut ? undefined : `__Host-tooken_session=${cookie}`;
      const all = paths(things);
      const requests = all.map((path) =>
        requestBytes({ method: 'GET', path, headers: { accept: 'text/html', ...(held && { cookie: held }) } }),
      );
      const times: number[] = [];
      for (let n = 0; n < WARM_UPS + count; n += 1) {
        const request = requests[n % requests.length];
        if (request === undefined) throw new Error(`there is nothing to open: ${name}`);
        const ms = await probe.time(request);
        if (n >= WARM_UPS) times.push(ms);
      }
      const weight = await weighPage(new URL(all[0] ?? '/', url), held);
      const page = { name, times: times.sort((a, b) => a - b), weight };
      onVisited(page);
      visited.push(page);
    }
    return visited;
  } finally {
    probe.close();
  }
}

async function thingsIn(sql: postgres.Sql): Promise<Things> {
  const idsOf = async (prefix: Parameters<typeof idFromUuid>[0], uuids: Promise<readonly { id: string }[]>) =>
    (await uuids).map(({ id }) => idFromUuid(prefix, id));
  return {
    tokens: await idsOf(
      'tkn',
      sql`select credential_id as id from credential_uses order by last_used_at desc limit 50`,
    ),
    events: await idsOf(
      'evt',
      sql`select event_id as id from audit_leaves where environment = 'live' order by leaf_index desc limit 50`,
    ),
    members: await idsOf('usr', sql`select id from members order by id limit 50`),
    roles: await idsOf('role', sql`select id from roles order by id limit 50`),
    projects: await idsOf('prj', sql`select id from projects order by id limit 50`),
    keys: await idsOf('key', sql`select id from api_keys where environment = 'live' limit 50`),
  };
}

/** The start of a day, so many ago. */
function ago(days: number): string {
  return `${new Date(systemClock.now().getTime() - days * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
}
