import { expect } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

type Caller = { readonly secret: string };
export type Entry = Record<string, unknown>;

interface Extras {
  readonly by?: Caller;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly address?: string;
}

/** A service behind a proxy with two workspaces, of whose calls the log tells. */
export async function createRequestsWorld(database: TestDatabase) {
  const service = await createTestService(database, { TOOKEN_TRUST_PROXY: '127.0.0.0/8' });
  const [home, foreign] = [await service.addWorkspace('home'), await service.addWorkspace('foreign')];

  const call = (method: string, path: string, { by = home.live, ...rest }: Extras = {}) =>
    service.call(method, path, { secret: by.secret, ...rest });

  async function list(query: Record<string, string> = {}, by: Caller = home.live) {
    const answer = await call('GET', `/v1/requests?${new URLSearchParams(query)}`, { by });
    expect(answer.status, answer.text).toBe(200);
    return answer.body as { data: Entry[]; next_cursor: string | null };
  }

  return {
    service,
    home,
    foreign,
    call,
    list,
    async issue(scopes: string[] = ['invoices:read'], by: Caller = home.live) {
      const { body } = await call('POST', '/v1/tokens', { by, json: { name: 'token', scopes } });
      return { id: body.token.id as string, secret: body.secret as string };
    },
    /** What the log has of a token's calls. */
    callsOf: async ({ id }: { id: string }, query: Record<string, string> = {}, by?: Caller) =>
      (await list({ principal: id, ...query }, by)).data,
  };
}
