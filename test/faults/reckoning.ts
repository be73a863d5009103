import { expect } from 'vitest';
import type { Book } from './workload.ts';

/** Compares what a service holds with what its writers were told, and its audit log with both. */

interface Service {
  readonly url: string;
  readonly apiKey: string;
}

interface LoggedEvent {
  readonly leaf_index: number;
  readonly action: string;
  readonly outcome: string;
  readonly targets: { readonly id: string }[];
  readonly request: { readonly id: string } | null;
  readonly changes: { readonly field: string; readonly new: unknown }[];
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly rotated_at: string | null;
}

export async function reckon(service: Service, book: Book): Promise<void> {
  const events = await readAll<LoggedEvent>(service, '/v1/audit-log?order=asc');
  const tokens = new Map((await readAll<Token>(service, '/v1/tokens?')).map((token) => [token.id, token]));
  expectDense(events);
  expectAcknowledged(events, book);
  expectStateIsTold(events, tokens);
  await expectSecretsWork(service, book);
}

/** Place after place, none left out, none twice. */
function expectDense(events: readonly LoggedEvent[]): void {
  const first = events[0]?.leaf_index ?? 0;
  expect(events.map(({ leaf_index }) => leaf_index)).toEqual(events.map((_, n) => first + n));
}

/** Every acknowledged change has exactly one event, found by the id of its request. */
function expectAcknowledged(events: readonly LoggedEvent[], { acknowledged }: Book): void {
  const byRequest = new Map<string | undefined, LoggedEvent[]>();
  for (const event of events) byRequest.set(event.request?.id, [...(byRequest.get(event.request?.id) ?? []), event]);
  for (const { action, tokenId, requestId } of acknowledged) {
    const found = byRequest.get(requestId) ?? [];
    expect(found.map((event) => [event.action, event.targets[0]?.id])).toEqual([[action, tokenId]]);
  }
}

/** Telling a token's events in order gives the token as it is: no change without its event, no event without its change. */
function expectStateIsTold(events: readonly LoggedEvent[], tokens: ReadonlyMap<string, Token>): void {
  const told = new Map<string, { name: string; isRevoked: boolean; isRotated: boolean }>();
  for (const { action, targets, changes, outcome } of events) {
    const id = targets[0]?.id ?? '';
    if (outcome !== 'success' || !action.startsWith('token.')) continue;
    const state = told.get(id) ?? { name: 'fault', isRevoked: false, isRotated: false };
    const renamed = action === 'token.updated' ? changes.find(({ field }) => field === 'name')?.new : undefined;
    told.set(id, {
      name: typeof renamed === 'string' ? renamed : state.name,
      isRevoked: state.isRevoked || action === 'token.revoked',
      isRotated: state.isRotated || action === 'token.rotated',
    });
  }
  const actual = [...tokens.values()].map(({ id, name, status, rotated_at }) => [
    id,
    { name, isRevoked: status === 'revoked', isRotated: rotated_at !== null },
  ]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(actual));
}

/** The newest acknowledged secret of a token opens it, unless the token is revoked. */
async function expectSecretsWork({ url, apiKey }: Service, { secrets, revoked }: Book): Promise<void> {
  for (const [id, secret] of secrets) {
    const response = await fetch(`${url}/v1/tokens/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}` },
      body: new URLSearchParams({ token: secret }),
    });
    const { active, jti } = (await response.json()) as { active: boolean; jti?: string };
    expect({ active, jti }).toEqual(revoked.has(id) ? { active: false, jti: undefined } : { active: true, jti: id });
  }
}

async function readAll<Item>({ url, apiKey }: Service, path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = '';
  for (;;) {
    const response = await fetch(`${url}${path}&limit=200${cursor}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const page = (await response.json()) as { data: Item[]; next_cursor: string | null };
    items.push(...page.data);
    if (page.next_cursor === null || page.data.length === 0) return items;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
}
