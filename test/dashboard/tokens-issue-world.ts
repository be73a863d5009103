import { createDashboardWorld, csrfIn } from './world.ts';

/** A secret, and not its hint. */
export const SECRET = /tkn_live_[0-9A-Za-z]{20,}/;

/** A workspace with two scopes in its catalogue, and an owner who issues tokens of them. */
export async function createIssuingWorld(overrides: Parameters<typeof createDashboardWorld>[1] = {}) {
  const world = await createDashboardWorld({}, overrides);
  const { service, workspace } = world;
  const owner = await world.addBrowsing('owner');
  const withKey = (method: string, path: string, json?: unknown) =>
    service.call(method, path, { secret: workspace.live.secret, ...(json !== undefined && { json }) });
  await withKey('POST', '/v1/scopes', { name: 'invoices:read', description: 'Look at invoices' });
  await withKey('POST', '/v1/scopes', { name: 'payments:write', description: 'Start payments' });

  /** What the API has of tokens of a name. */
  async function named(name: string): Promise<readonly Record<string, unknown>[]> {
    const { body } = await withKey('GET', `/v1/tokens?${new URLSearchParams({ name })}`);
    return (body as { data: Record<string, unknown>[] }).data;
  }

  /** A form of the page for issuing, as it was loaded. */
  async function loadForm(cookie: string) {
    const { text } = await world.ask('/live/tokens/new', { cookie });
    return { csrf: csrfIn(text), once: /name="once" value="([^"]+)"/.exec(text)?.[1] ?? '', expiry: '90' };
  }

  return { world, service, workspace, owner, withKey, named, loadForm };
}
