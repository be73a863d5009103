import { describe, expect, test } from 'vitest';
import { invitationMail, type Notice, resetMail, securityNotice } from '../../src/mail/texts.ts';

const addressee = { to: 'ada@example.com', workspaceName: 'Acme', publicUrl: 'https://tooken.example.com' };
const link = 'https://tooken.example.com/link#tokl_abc';
const at = new Date('2026-05-05T12:00:30.500Z');

test('an invitation says who invites to what, and has the link on a line of its own', () => {
  const mail = invitationMail({ ...addressee, inviter: 'Bob', link, expiresAt: at });
  expect(mail).toEqual({
    to: 'ada@example.com',
    subject: 'You are invited to Acme',
    text: `Bob invites you to the workspace "Acme". To join it, choose a password here:

${link}

The link works once, until 2026-05-05 12:00 UTC. If you did not expect it, do nothing: nobody joins without it.

-- 
Tooken at https://tooken.example.com
`,
  });
  expect(invitationMail({ ...addressee, inviter: null, link, expiresAt: at }).text).toMatch(/^An operator invites you/);
});

test('a link to set a new password has itself on a line of its own, and until when it works', () => {
  const { subject, text } = resetMail({ ...addressee, link, expiresAt: at });
  expect(subject).toBe('Your password for Acme');
  expect(text).toContain(`\n\n${link}\n\n`);
  expect(text).toContain('works once, until 2026-05-05 12:00 UTC');
});

describe('a security notice', () => {
  test.each<Notice>([
    'new_device',
    'password_changed',
    'totp_enabled',
    'totp_disabled',
    'recovery_codes_replaced',
    'recovery_code_used',
    'locked',
  ])('of %s says what happened, when, from where, and what to do', (notice) => {
    const { subject, text } = securityNotice({ ...addressee, notice, at, ip: '192.0.2.7' });
    expect(subject).toMatch(/ \(Acme\)$/);
    expect(text).toMatch(
      /^Your account in the workspace "Acme" .+\.\n\nWhen: 2026-05-05 12:00 UTC\nFrom: 192\.0\.2\.7\n/,
    );
    expect(text).toContain('If not, change your password');
  });
});

test.each(['Acme\r\n\r\nVisit https://evil.example.com', 'Ac\u2028me', 'Ac\u2029me', 'Ac\u202eme', 'Ac\u0000me'])(
  'a workspace called %j stays within its line',
  (workspaceName) => {
    const { subject, text } = invitationMail({
      ...addressee,
      workspaceName,
      inviter: workspaceName,
      link,
      expiresAt: at,
    });
    expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(text.split('\n')).toHaveLength(9);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  },
);
