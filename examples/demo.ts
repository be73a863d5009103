/**
 * A tour of Tooken: starts a service of its own with a database of its own, talks to it over HTTP as your CI and your
 * services would, and clears everything away. `npm run demo`
 */
import { type TemporaryService, withTemporaryService } from './temporary-service.ts';

let step = 0;
say('Starting a temporary Tooken with a database of its own; it is gone when the tour ends.');
await withTemporaryService(tour);

async function tour({ url, apiKey }: TemporaryService): Promise<void> {
  say(`It listens at ${url}. Its first API key: ${mask(apiKey)}`);
  say('In the answers below, fields that are null or empty are left out.');

  heading('Your CI issues a token that may read invoices and expires in 30 days');
  const issued = await call('POST', '/v1/tokens', apiKey, {
    name: 'billing-service',
    scopes: ['invoices:read', 'tokens:read'],
    expires_in: 30 * 24 * 3600,
  });
  const { id } = issued.token;
  say(`The secret is shown this once: ${mask(issued.secret)}. Tooken keeps only a digest of it.`);

  heading('A service received that token, and introspects it (RFC 7662)');
  await introspect(issued.secret, { required_scope: 'invoices:read' });

  heading('The token holds tokens:read. May it issue tokens?');
  await call('POST', '/v1/tokens', issued.secret, { name: 'sneaky', scopes: ['invoices:read'] });
  say('No: 403, and the answer names the scope it lacks.');

  heading('Rotate: a new secret, and an hour in which the old one still works');
  const rotated = await call('POST', `/v1/tokens/${id}/rotate`, apiKey, { grace_seconds: 3600 }, issued.token);
  say(`The id stays ${id}. The old secret is still active, and the answer says that it is the previous one:`);
  await introspect(issued.secret);

  heading('Revoke, and introspect once more');
  await call('POST', `/v1/tokens/${id}/revoke`, apiKey, { reason: 'the demo is over' }, rotated.token);
  await introspect(rotated.secret);
  say('Inactive at once, and no word more: who asks about a bad token learns nothing from the answer.');

  heading('Who did what? The audit log knows, the refused call included');
  const { id: keyId } = (await request('GET', '/v1/whoami', apiKey)).body;
  const log = await call('GET', `/v1/audit-log?order=asc&actor=${keyId},${id}`, apiKey);
  for (const { occurred_at, action, outcome, actor, reason } of log.data) {
    const who = `${actor.type} "${actor.name}"`;
    say(`${occurred_at}  ${action.padEnd(14)}  ${outcome.padEnd(7)}  ${who.padEnd(23)}  ${reason ?? ''}`.trimEnd());
  }
  write('\nThat was the tour. `npm start` runs a service of your own; its API reference is at /docs.\n');

  /**
   * Sends a request, shows it with its answer, and returns the answer's body. Of a token that was shown `before`, shows
   * what is new.
   */
  async function call(method: string, path: string, credential: string, json?: unknown, before?: object) {
    show(`${method} ${path}`, json);
    const { status, body } = await request(method, path, credential, JSON.stringify(json), 'application/json');
    if (path.startsWith('/v1/audit-log')) show(`→ ${status}, ${body.data.length} events`);
    else show(`→ ${status}${before ? ', and of the token what has changed' : ''}`, withoutKnown(body, before));
    return body;
  }

  /** As a service asks, with its own credential and the token in a form. */
  async function introspect(token: string, parameters: Record<string, string> = {}) {
    show('POST /v1/tokens/introspect', { token: mask(token), ...parameters });
    const form = new URLSearchParams({ token, ...parameters }).toString();
    const type = 'application/x-www-form-urlencoded';
    const { status, body } = await request('POST', '/v1/tokens/introspect', apiKey, form, type);
    show(`→ ${status}`, body);
  }

  async function request(method: string, path: string, credential: string, body?: string, contentType?: string) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        ...(body !== undefined && contentType && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }
}

function withoutKnown(body: { token?: object }, before: object | undefined): unknown {
  if (body.token === undefined || before === undefined) return body;
  const known = new Map(Object.entries(before).map(([name, value]) => [name, JSON.stringify(value)]));
  const news = Object.entries(body.token).filter(([name, value]) => known.get(name) !== JSON.stringify(value));
  return { ...body, token: Object.fromEntries(news) };
}

function heading(text: string): void {
  step += 1;
  write(`\n${bold(`${step}. ${text}`)}\n`);
}

function say(text: string): void {
  write(`   ${text}\n`);
}

function show(line: string, value?: unknown): void {
  say(bold(line));
  if (value === undefined) return;
  // Lists of plain values on one line.
  const text = JSON.stringify(value, presentable, 2).replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (_, items: string) => {
    return `[${items.replaceAll(/\s*\n\s*/g, ' ')}]`;
  });
  write(`${text.replaceAll(/^/gm, '     ')}\n`);
}

function presentable(name: string, value: unknown): unknown {
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return undefined;
  return name === 'secret' && typeof value === 'string' && value.length > 20 ? mask(value) : value;
}

function mask(credential: string): string {
  const start = credential.lastIndexOf('_') + 5;
  return `${credential.slice(0, start)}…${credential.slice(-4)}`;
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
}

function write(text: string): void {
  process.stdout.write(text);
}
