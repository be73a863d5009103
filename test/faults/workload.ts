import { send as sendTo } from '../support/answer.ts';

/** Writers against a running service, and the book they keep of what was acknowledged. */

export interface Operation {
  readonly action: 'token.created' | 'token.updated' | 'token.rotated' | 'token.revoked';
  readonly tokenId: string;
  readonly requestId: string;
}

export interface Book {
  /** Every change that was answered with a 2xx. */
  readonly acknowledged: Operation[];
  /** The newest secret that was acknowledged for each token. */
  readonly secrets: Map<string, string>;
  readonly revoked: Set<string>;
  readonly statuses: Map<number | 'no answer', number>;
}

export function createBook(): Book {
  return { acknowledged: [], secrets: new Map(), revoked: new Set(), statuses: new Map() };
}

interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/** Runs `writers` clients until `isOver`; each works on tokens of its own, so that the book can say what must hold. */
export async function write(target: Target, book: Book, writers: number, isOver: () => boolean): Promise<void> {
  await Promise.all(Array.from({ length: writers }, () => writeAlone(target, book, isOver)));
}

async function writeAlone(target: Target, book: Book, isOver: () => boolean): Promise<void> {
  let mine: string | undefined;
  while (!isOver()) {
    mine = mine === undefined ? await create(target, book) : await change(target, book, mine);
  }
}

async function create(target: Target, book: Book): Promise<string | undefined> {
  const answer = await send(target, book, '/v1/tokens', 'POST', { name: 'fault', scopes: ['a:read'] });
  if (answer === undefined) return undefined;
  const { id } = answer.body.token;
  book.acknowledged.push({ action: 'token.created', tokenId: id, requestId: answer.requestId });
  book.secrets.set(id, answer.body.secret);
  return id;
}

/** One random change. Undefined, so that the writer starts on a new token, once it is revoked or its state in doubt. */
async function change(target: Target, book: Book, id: string): Promise<string | undefined> {
  const dice = Math.random();
  const [action, path, method, json] =
    dice < 0.4
      ? (['token.updated', `/v1/tokens/${id}`, 'PATCH', { name: `fault ${Math.random()}` }] as const)
      : dice < 0.8
        ? (['token.rotated', `/v1/tokens/${id}/rotate`, 'POST', {}] as const)
        : (['token.revoked', `/v1/tokens/${id}/revoke`, 'POST', {}] as const);
  const answer = await send(target, book, path, method, json);
  if (answer === undefined) {
    // It may have happened or not: what the old secret is worth is unknown now.
    book.secrets.delete(id);
    return undefined;
  }
  book.acknowledged.push({ action, tokenId: id, requestId: answer.requestId });
  if (action === 'token.rotated') book.secrets.set(id, answer.body.secret);
  if (action === 'token.revoked') book.revoked.add(id);
  return action === 'token.revoked' ? undefined : id;
}

async function send({ url, apiKey }: Target, book: Book, path: string, method: string, json: unknown) {
  const requestId = `fault-${crypto.randomUUID()}`;
  try {
    const answer = await sendTo({ url, secret: apiKey }, method, path, json, { 'x-request-id': requestId });
    count(book, answer.status);
    return answer.status < 300 ? { body: answer.body, requestId } : undefined;
  } catch {
    count(book, 'no answer');
    await new Promise((resolve) => setTimeout(resolve, 20));
    return undefined;
  }
}

function count(book: Book, status: number | 'no answer'): void {
  book.statuses.set(status, (book.statuses.get(status) ?? 0) + 1);
}
