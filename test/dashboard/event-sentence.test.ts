import { expect, test } from 'vitest';
import { AUDIT_ACTIONS, type AuditAction } from '../../src/audit/events/catalogue.ts';
import type { AuditEvent, Target } from '../../src/audit/events/event.ts';
import { EventSentence, sentenceOf } from '../../src/dashboard/parts/event-sentence.tsx';
import type { Phrase } from '../../src/dashboard/parts/phrase.ts';
import type { EventId, WorkspaceId } from '../../src/lib/ids.ts';

const ACTIONS = Object.keys(AUDIT_ACTIONS) as AuditAction[];
const TYPES: readonly Target['type'][] = [
  'workspace',
  'api_key',
  'token',
  'scope',
  'member',
  'role',
  'group',
  'project',
];

const plainText = (said: Phrase) => said.map(({ text }) => text).join('');

function eventOf(action: AuditAction, parts: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: 'evt_01kav3c4r8e0jbwn7sgm5zkqd2' as EventId,
    schema_version: 1,
    leaf_index: 7,
    workspace: 'ws_01kav3c4r8e0jbwn7sgm5zkqd2' as WorkspaceId,
    environment: null,
    action,
    operation: 'modify',
    outcome: 'success',
    reason: null,
    note: null,
    occurred_at: '2026-11-22T19:00:00.000Z',
    actor: { type: 'api_key', id: 'key_1', name: 'ci' },
    targets: [],
    request: { id: 'req_1', method: 'POST', route: '/v1/tokens' },
    source: null,
    changes: [],
    count: 1,
    first_at: null,
    last_at: null,
    introspections: null,
    redacted: false,
    ...parts,
  };
}

const target = (type: Target['type'], name: string | null, id = `${type}_1`): Target => ({ type, id, name });
const member = { type: 'member', id: 'mem_1', name: 'Ada' } as const;
const anybody = { type: 'anonymous', id: null, name: null } as const;
const system = { type: 'system', id: null, name: null } as const;

test.each(ACTIONS)('%s is told in a sentence of its own', (action) => {
  const targets = TYPES.map((type) => target(type, `the ${type}`));
  const told = plainText(sentenceOf(eventOf(action, { targets })));
  expect(told).not.toContain(action);
  expect(told).toMatch(/^[A-Zct]/);
  expect(told).not.toMatch(/undefined|not told\)| {2}|[.]$/);
});

test('every action has a sentence also where nothing is known but the action', () => {
  for (const action of ACTIONS) {
    const told = plainText(sentenceOf(eventOf(action, { actor: system, request: null, redacted: true })));
    expect(told, action).not.toMatch(/undefined|null/);
  }
});

const TOLD: readonly [sentence: string, event: AuditEvent][] = [
  [
    'ci (API key) issued token billing export',
    eventOf('token.created', { targets: [target('token', 'billing export')] }),
  ],
  [
    'ci (API key) changed token billing export: scopes, expires at',
    eventOf('token.updated', {
      targets: [target('token', 'billing export')],
      changes: ['scopes', 'expires_at'].map((field) => ({ field, old: null, new: null })),
    }),
  ],
  [
    'Somebody failed to sign in as Ada: the password was wrong, 1,200 times',
    eventOf('member.sign_in_failed', { actor: anybody, targets: [member], reason: 'password', count: 1200 }),
  ],
  [
    'Somebody failed to sign in: nobody has that email address',
    eventOf('member.sign_in_failed', { actor: anybody, reason: 'unknown' }),
  ],
  ['Ada turned their second factor off', eventOf('member.totp_disabled', { actor: member, targets: [member] })],
  ['ci (API key) turned the second factor of Ada off', eventOf('member.totp_disabled', { targets: [member] })],
  [
    'ci (API key) was denied POST /v1/tokens: it lacks the scope tokens:write',
    eventOf('request.denied', { outcome: 'denied', reason: 'insufficient_scope:tokens:write' }),
  ],
  [
    'Token x was refused at ci (API key): it is revoked',
    eventOf('token.use_denied', { targets: [target('token', 'x')], reason: 'revoked' }),
  ],
  [
    'A credential of ci (API key) was refused: a_reason_of_tomorrow',
    eventOf('authentication.failed', { reason: 'a_reason_of_tomorrow' }),
  ],
  [
    'An operator created workspace Northwind',
    eventOf('workspace.created', {
      actor: system,
      request: { id: 'req_1', method: 'CLI', route: 'workspace create' },
      targets: [target('workspace', 'Northwind')],
    }),
  ],
  ['Tokens were introspected, 41 times', eventOf('token.introspected', { actor: system, count: 41 })],
  [
    'erased removed member erased',
    eventOf('member.removed', {
      actor: { ...member, name: null },
      targets: [{ ...member, id: 'mem_2', name: null }],
      redacted: true,
    }),
  ],
  [
    'ci (API key) removed scope bank:read from the catalogue',
    eventOf('scope.deleted', { targets: [target('scope', null, 'bank:read')] }),
  ],
  [
    'ci (API key) did moon.landed on x',
    { ...eventOf('token.created', { targets: [target('token', 'x')] }), action: 'moon.landed' as AuditAction },
  ],
];

test.each(TOLD)('%s', (sentence, event) => {
  expect(plainText(sentenceOf(event))).toBe(sentence);
});

test('a name is text, whatever is in it, and keeps its direction to itself', () => {
  const name = '<img src=x onerror=alert(1)>\u202e';
  const html = String(EventSentence({ event: eventOf('token.created', { targets: [target('token', name)] }) }));
  expect(html).toContain('<bdi class="said-name">&lt;img src=x onerror=alert(1)&gt;\u202e</bdi>');
});
