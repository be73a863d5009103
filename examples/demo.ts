/**
 * A tour of Tooken: starts a service of its own with a database of its own, talks to it over HTTP as your CI and your
 * services would, and clears everything away. `npm run demo`
 */
import { startTemporaryService } from './temporary-service.ts';

const service = await startTemporaryService();
const { url, apiKey } = service;
let step = 0;

try {
  await tour();
} finally {
  await service.stop();
}

async function tour(): Promise<void> {
  say(`A temporary Tooken listens at ${url}. Its first API key: ${mask(apiKey)}`);

  heading('Issue a token that may read invoices and expires in 30 days');
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
  const rotated = await call('POST', `/v1/tokens/${id}/rotate`, apiKey, { grace_seconds: 3600 });
  say(`New secret: ${mask(rotated.secret)}. The id stays ${id}.`);
  await introspect(issued.secret);
  say('The old secret is still active, and the answer says that it is the previous one and until when.');

  heading('Revoke');
  await call('POST', `/v1/tokens/${id}/revoke`, apiKey, { reason: 'the demo is over' });
  await introspect(rotated.secret);
  say('Inactive at once. Why is nobody’s business but the workspace’s own, so the answer is just that.');

  heading('Who did what? The audit log knows, the refused call included');
  const log = await call('GET', `/v1/audit-log?order=asc&actor=${(await whoami()).id},${id}`, apiKey);
  for (const event of log.data) {
    const who = `${event.actor.type} "${event.actor.name}"`;
    say(`${event.occurred_at}  ${event.action.padEnd(18)} ${event.outcome.padEnd(8)} by ${who} ${event.reason ?? ''}`);
  }
  say('\nThat was the tour. `npm start` runs a service of your own; its API reference is at /docs.');
}

function whoami() {
  return request('GET', '/v1/whoami', apiKey).then((answer) => answer.body);
}

/** Sends a request, shows it with its answer, and returns the answer's body. */
async function call(method: string, path: string, credential: string, json?: unknown) {
  show(`${method} ${path}`, json);
  const { status, body } = await request(method, path, credential, JSON.stringify(json), 'application/json');
  show(`→ ${status}`, path.startsWith('/v1/audit-log') ? `${body.data.length} events` : body);
  return body;
}

/** As a service asks, with its own credential and the token in a form. */
async function introspect(token: string, parameters: Record<string, string> = {}) {
  show('POST /v1/tokens/introspect', { token: mask(token), ...parameters });
  const form = new URLSearchParams({ token, ...parameters }).toString();
  const { status, body } = await request(
    'POST',
    '/v1/tokens/introspect',
    apiKey,
    form,
    'application/x-www-form-urlencoded',
  );
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

function heading(text: string): void {
  step += 1;
  process.stdout.write(`\n${bold(`${step}. ${text}`)}\n`);
}

function say(text: string): void {
  process.stdout.write(`   ${text}\n`);
}

function show(line: string, value?: unknown): void {
  process.stdout.write(`   ${bold(line)}\n`);
  if (value === undefined) return;
  const text = typeof value === 'string' ? value : JSON.stringify(value, hideSecret, 2);
  process.stdout.write(`${text.replaceAll(/^/gm, '     ')}\n`);
}

function hideSecret(name: string, value: unknown): unknown {
  return name === 'secret' && typeof value === 'string' && value.length > 20 ? mask(value) : value;
}

function mask(credential: string): string {
  const start = credential.lastIndexOf('_') + 5;
  return `${credential.slice(0, start)}…${credential.slice(-4)}`;
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
}
