import type { Pages } from '../../src/dashboard/kernel/pages.ts';
import { mountPages } from '../../src/dashboard/pages.ts';
import { type Id, idToUuid } from '../../src/lib/ids.ts';
import type { OperationName } from '../../src/rights/rights.ts';
import { type BrowsingPerson, createDashboardWorld, type DashboardWorld } from './world.ts';

/** A workspace that has been in use for a while, and every page of it. */
export interface Tour {
  readonly world: DashboardWorld;
  readonly owner: BrowsingPerson;
  /** Below the environment: `/tokens/tkn_…`; named by its pattern: `tokens-id`. */
  readonly pages: readonly TourPage[];
}

export interface TourPage {
  readonly name: string;
  readonly path: string;
  /** Whether it is about one thing, which another workspace does not have. */
  readonly hasId: boolean;
  readonly needs: OperationName;
  /** Whether it takes a form. */
  readonly isForm: boolean;
}

const DAY_SECONDS = 86_400;

const SCOPES = [
  ['invoices:read', 'See invoices and what they are for'],
  ['invoices:write', 'Write, send and cancel invoices'],
  ['payments:read', 'See payments'],
  ['payments:refund', 'Pay back, up to the limit of the account'],
  ['customers:read', 'See names and addresses'],
  ['webhooks:write', 'Say where events are sent'],
] as const;

const TOKENS = [
  {
    name: 'billing export',
    scopes: ['invoices:read', 'payments:read'],
    days: 12,
    description: 'Nightly, to the warehouse',
  },
  { name: 'web shop', scopes: ['customers:read', 'invoices:write', 'payments:refund', 'webhooks:write'], days: 365 },
  { name: 'terraform', scopes: ['webhooks:write'], days: 90, audience: 'https://api.northwind.example' },
  { name: 'status page', scopes: ['payments:read'], days: null },
  { name: 'load test 2026-11', scopes: ['customers:read'], days: 30, allowed_cidrs: ['192.0.2.0/24', '198.51.100.7'] },
  {
    name: 'partner: Contoso',
    scopes: ['invoices:read'],
    days: 60,
    metadata: { contact: 'it@contoso.example', contract: 'C-2231' },
  },
] as const;

export async function createTour(): Promise<Tour> {
  const world = await createDashboardWorld();
  const owner = await world.addBrowsing('owner', { scopes: SCOPES.map(([name]) => name) });
  const jean = await world.addBrowsing('member', { scopes: ['invoices:read'] });
  const { service, workspace } = world;
  const sql = service.context.db.$client;
  await sql`update members set name = 'Ada Lovelace', email = 'ada@northwind.example' where id = ${idToUuid(owner.id)}`;
  await sql`update members set name = 'Jean Bartik', email = 'jean@northwind.example' where id = ${idToUuid(jean.id)}`;

  async function call(
    method: string,
    path: string,
    json: object,
    secret = owner.secret,
  ): Promise<Record<string, unknown>> {
    const { status, body, text } = await service.call(method, path, { secret, json });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return body as Record<string, unknown>;
  }

  for (const [name, description] of SCOPES) await call('POST', '/v1/scopes', { name, description });
  const role = await call('POST', '/v1/roles', { name: 'bookkeeper', scopes: ['invoices:write', 'payments:read'] });
  const group = await call('POST', '/v1/groups', { name: 'finance' });
  const project = await call('POST', '/v1/projects', { name: 'Storefront', description: 'What customers see' });
  for (const [name, access] of [
    ['Grace Hopper', 'admin'],
    ['Katherine Johnson', 'auditor'],
  ] as const) {
    const email = `${name.split(' ')[0]?.toLowerCase()}@northwind.example`;
    await call('POST', '/v1/members/invitations', { name, email, access, roles: [role.id], groups: [group.id] });
  }
  const { api_key: key } = await call('POST', '/v1/api-keys', { name: 'GitHub Actions', environment: 'live' });
  const tokens: { readonly id: string; readonly secret: string }[] = [];
  for (const { days, ...token } of TOKENS) {
    const expires = days === null ? { expires_at: null } : { expires_in: days * DAY_SECONDS };
    const input = { ...token, ...expires, project_id: project.id };
    const issued = await call('POST', '/v1/tokens', input, workspace.live.secret);
    const { id } = issued.token as { readonly id: string };
    tokens.push({ id, secret: String(issued.secret) });
  }
  for (const { secret } of tokens.slice(0, 4)) {
    for (let n = 0; n < 3; n += 1) await introspect(world, secret);
  }
  await introspect(world, tokens[0]?.secret.replace(/.$/, '0') ?? '');
  await call('POST', `/v1/tokens/${tokens[4]?.id}/revoke`, {}, workspace.live.secret);
  await addPast(world, tokens[0]?.id ?? '');

  const { body: log } = await service.call('GET', '/v1/audit-log?limit=1', { secret: owner.secret });
  const ids: Readonly<Record<string, string>> = {
    '/tokens/:id': tokens[0]?.id ?? '',
    '/account/sessions/:id': owner.sessionId,
    '/keys/:id': String((key as { readonly id: string } | undefined)?.id ?? ''),
    '/members/:id': jean.id,
    '/members/groups/:id': String(group.id),
    '/roles/:id': String(role.id),
    '/roles/scopes/:name': 'invoices:read',
    '/projects/:id': String(project.id),
    '/audit-log/:id': String(log.data[0].id),
  };
  const toPage = ({ pattern, ...rest }: MountedPage): TourPage => ({
    ...rest,
    name: nameOf(pattern),
    path: fill(pattern, ids),
    hasId: pattern.includes(':'),
  });
  return { world, owner, pages: mountedPages().map(toPage) };
}

/** What is in the pattern is put in place by the longest of the known patterns that it begins with. */
function fill(pattern: string, ids: Readonly<Record<string, string>>): string {
  if (!pattern.includes(':')) return pattern;
  const known = Object.keys(ids)
    .filter((each) => pattern === each || pattern.startsWith(`${each}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (known === undefined) throw new Error(`the tour does not know what to put into ${pattern}`);
  const path = pattern.replace(/:\w+/, encodeURIComponent(ids[known] ?? ''));
  if (path.includes(':')) throw new Error(`the tour does not know what to put into ${pattern}`);
  return path;
}

function nameOf(pattern: string): string {
  return pattern.slice(1).replaceAll('/', '-').replaceAll(':', '');
}

interface MountedPage extends Pick<TourPage, 'needs' | 'isForm'> {
  readonly pattern: string;
}

/** All pages that GET shows, as they are mounted. */
function mountedPages(): MountedPage[] {
  const mounted: MountedPage[] = [];
  const pages: Pages = {
    page: (pattern, needs) => void mounted.push({ pattern, needs, isForm: false }),
    form: (pattern, needs) => void mounted.push({ pattern, needs, isForm: true }),
    answer: () => undefined,
    background: () => undefined,
  };
  mountPages(pages);
  return mounted;
}

function introspect({ service, workspace }: DashboardWorld, token: string) {
  return service.call('POST', '/v1/tokens/introspect', {
    secret: workspace.live.secret,
    body: new URLSearchParams({ token }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
}

/** Uses of the weeks before, as the writer of usage would have left them: of the workspace, and of one token. */
async function addPast({ service, workspace }: DashboardWorld, tokenId: string): Promise<void> {
  const { context } = service;
  const stretches = context.db.$client`
    (select 3600 as bucket_seconds, n, date_trunc('hour', now(), 'UTC') - make_interval(hours => n) as starts_at
      from generate_series(1, 23) n
      union all select 86400, n, date_trunc('day', now(), 'UTC') - make_interval(days => n) from generate_series(1, 29) n)`;
  const uses = context.db.$client`
    round(weight * bucket_seconds / 36 * (1.2 + sin(n / 3.8)) * (1 + 0.3 * cos(n * 7.3)))::int`;
  await context.db.$client`
    insert into usage_totals (workspace_id, environment, introspector_id, outcome, bucket_seconds, starts_at, uses)
    select ${idToUuid(workspace.id)}, 'live', ${workspace.live.id}, outcome, bucket_seconds, starts_at, ${uses}
    from (values ('active', 1.0), ('revoked', 0.04), ('expired', 0.02)) as outcomes (outcome, weight), ${stretches} t`;
  await context.db.$client`
    insert into token_usage (workspace_id, environment, token_id, introspector_id, source, outcome, secret, bucket_seconds,
      starts_at, uses, last_used_at)
    select ${idToUuid(workspace.id)}, 'live', ${idToUuid(tokenId as Id<'tkn'>)}, ${workspace.live.id}, source, 'active',
      'current', bucket_seconds, starts_at, ${uses}, starts_at
    from (values ('198.51.100.23', 0.3), ('203.0.113.80', 0.1)) as sources (source, weight), ${stretches} t`;
}
