import { expect } from 'vitest';
import type { TokenId } from '../../src/lib/ids.ts';
import type { DashboardWorld } from './world.ts';

export interface IssuedToken {
  readonly id: TokenId;
  readonly name: string;
  readonly secret: string;
}

/** Ways to have a token, and to ask whether it is good, beside the pages about it. */
export function tokensOf({ service, workspace }: DashboardWorld) {
  async function issue(fields: Record<string, unknown> = {}, by = workspace.live.secret): Promise<IssuedToken> {
    const json = { name: 'billing export', scopes: ['invoices:read'], ...fields };
    const { status, body } = await service.call('POST', '/v1/tokens', { secret: by, json });
    if (status !== 201) throw new Error(`no token was issued: ${JSON.stringify(body)}`);
    const { token, secret } = body as { token: { id: TokenId; name: string }; secret: string };
    return { id: token.id, name: token.name, secret };
  }

  /** What introspection says of a secret to a service whose caller came from `from`. */
  async function introspect(secret: string, from?: string): Promise<Record<string, unknown>> {
    const { body } = await service.call('POST', '/v1/tokens/introspect', {
      secret: workspace.live.secret,
      json: { token: secret, ...(from !== undefined && { client_ip: from }) },
    });
    return body as Record<string, unknown>;
  }

  /** The token as the API shows it. */
  async function read(id: TokenId): Promise<Record<string, unknown>> {
    const { body } = await service.call('GET', `/v1/tokens/${id}`, { secret: workspace.live.secret });
    return body as Record<string, unknown>;
  }

  return {
    issue,
    introspect,
    isActive: async (secret: string) => (await introspect(secret)).active === true,
    read,
    /** Waits until its uses are written, which happens once a second. */
    async awaitUse(id: TokenId): Promise<void> {
      await expect
        .poll(async () => (await read(id)).last_used_at, { message: 'use of a token', timeout: 10_000 })
        .not.toBeNull();
    },
    revoke: (id: TokenId) =>
      service.call('POST', `/v1/tokens/${id}/revoke`, { secret: workspace.live.secret, json: {} }),
  };
}

/** What people may put into names and notes, and no page may be moved by. */
export const HOSTILE = {
  markup: '<img src=x onerror=alert(1)>"><script>alert(2)</script>',
  direction: 'abc\u202Egnp.exe\u2066',
  long: 'x'.repeat(128),
} as const;

/** By what a form with a secret behind it is known again. */
export function onceIn(html: string): string {
  return /name="once" value="([^"]+)"/.exec(html)?.[1] ?? '';
}
