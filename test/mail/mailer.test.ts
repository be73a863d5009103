import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { probeServer } from '../../src/mail/delivery.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { createTestMailer, smtpAt, startSmtpServer } from './smtp-world.ts';

const MAIL = { to: 'ada@example.com', subject: 'Hello', text: 'A link: https://tooken.example.com/link#tokl_secret\n' };

test('a mail arrives, from whom the settings say, in plain text, and asks for no answer', async () => {
  const { port, received } = await startSmtpServer();
  const { mailer, entries } = createTestMailer(smtpAt(port));
  mailer.send({ ...MAIL, subject: 'Grüße', text: 'Schöne Grüße\n' });
  await mailer.stop();
  expect(received).toHaveLength(1);
  expect(received[0]?.recipients).toEqual(['ada@example.com']);
  expect(received[0]?.source).toMatch(/^From: Tooken <tooken@example\.com>\r$/m);
  expect(received[0]?.source).toMatch(/^To: ada@example\.com\r$/m);
  expect(received[0]?.source).toMatch(/^Subject: =\?UTF-8\?Q\?Gr=C3=BC=C3=9Fe\?=\r$/m);
  expect(received[0]?.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(received[0]?.source).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
  expect(received[0]?.source).toContain('Sch=C3=B6ne Gr=C3=BC=C3=9Fe');
  expect(entries).toEqual([]);
});

test('without a mail server nothing is sent, and stopping has nothing to wait for', async () => {
  const mailer = createMailer({ smtp: undefined, clock: systemClock, logger: silentLogger });
  expect(mailer.isConfigured).toBe(false);
  mailer.send(MAIL);
  await mailer.stop();
});

describe('the login', () => {
  const options: SMTPServerOptions = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'tooken' && password === 'p@ss:word%') done(null, { user: username });
      else done(new Error('no'));
    },
  };

  test('is that of the settings', async () => {
    const { port, received } = await startSmtpServer(options);
    const { mailer } = createTestMailer(smtpAt(port, { login: { user: 'tooken', password: 'p@ss:word%' } }));
    mailer.send(MAIL);
    await mailer.stop();
    expect(received.map(({ user }) => user)).toEqual(['tooken']);
  });

  test('that is refused is told of once, without a word of it', async () => {
    const { port, received } = await startSmtpServer(options);
    const smtp = smtpAt(port, { login: { user: 'tooken', password: 'wrong-one' } });
    const { mailer, entries, untilLogged } = createTestMailer(smtp);
    mailer.send(MAIL);
    await untilLogged('mail.failed');
    await mailer.stop();
    expect(entries).toEqual([
      { level: 'warn', event: 'mail.failed', fields: { attempts: 1, code: 'EAUTH', response_code: 535 } },
    ]);
    expect(received).toEqual([]);
    expect(await probeServer(smtp)).toEqual({ code: 'EAUTH', response_code: 535 });
  });
});

describe('a mail that the server does not take', () => {
  test('for now is sent again after a pause', async () => {
    let attempts = 0;
    const { port, received } = await startSmtpServer({
      onRcptTo: (_address, _session, done) => {
        attempts += 1;
        done(attempts < 3 ? Object.assign(new Error('try later'), { responseCode: 451 }) : null);
      },
    });
    const { mailer, entries, untilLogged } = createTestMailer(smtpAt(port));
    mailer.send(MAIL);
    await untilLogged('mail.delayed');
    while (received.length === 0) await new Promise(setImmediate);
    await mailer.stop();
    expect(entries).toEqual(
      [1, 2].map((n) => ({
        level: 'warn',
        event: 'mail.delayed',
        fields: { attempts: n, code: 'EENVELOPE', response_code: 451 },
      })),
    );
  });

  test('ever is not sent again, and no line of the log has its address, its text or what the server has said', async () => {
    const { port } = await startSmtpServer({
      onRcptTo: ({ address }, _session, done) =>
        done(Object.assign(new Error(`no such user: ${address}`), { responseCode: 550 })),
    });
    const { mailer, entries, untilLogged } = createTestMailer(smtpAt(port));
    mailer.send(MAIL);
    await untilLogged('mail.failed');
    await mailer.stop();
    expect(entries).toEqual([
      { level: 'warn', event: 'mail.failed', fields: { attempts: 1, code: 'EENVELOPE', response_code: 550 } },
    ]);
  });

  test('as it cannot be reached is given up after the last attempt', async () => {
    const { port, close } = await startSmtpServer();
    await close();
    const { mailer, entries, untilLogged } = createTestMailer(smtpAt(port));
    mailer.send(MAIL);
    await untilLogged('mail.failed');
    await mailer.stop();
    expect(entries.map(({ event, fields }) => [event, fields])).toEqual([
      ['mail.delayed', { attempts: 1, code: 'ESOCKET' }],
      ['mail.delayed', { attempts: 2, code: 'ESOCKET' }],
      ['mail.failed', { attempts: 3, code: 'ESOCKET' }],
    ]);
    expect(await probeServer(smtpAt(port))).toEqual({ code: 'ESOCKET' });
  });
});

describe('TLS', () => {
  test('is not done without where it is required', async () => {
    const { port, received } = await startSmtpServer();
    const { mailer, untilLogged } = createTestMailer(smtpAt(port, { tls: 'starttls' }), { pausesMs: [0] });
    mailer.send(MAIL);
    expect((await untilLogged('mail.failed')).fields).toMatchObject({ code: 'ETLS' });
    expect(received).toEqual([]);
    await mailer.stop();
  });

  test.each(['starttls', 'implicit'] as const)(
    'by %s is refused with a certificate that nobody vouches for',
    async (tls) => {
      const { port, received } = await startSmtpServer({ disabledCommands: [], secure: tls === 'implicit' });
      const { mailer, untilLogged } = createTestMailer(smtpAt(port, { tls }), { pausesMs: [0] });
      mailer.send(MAIL);
      expect((await untilLogged('mail.failed')).fields).toMatchObject({ code: 'ESOCKET' });
      expect(received).toEqual([]);
      await mailer.stop();
    },
  );
});

describe('what is held', () => {
  test('is bounded: more is refused, and told of by the number', async () => {
    const { port, received } = await startSmtpServer();
    const { mailer, entries } = createTestMailer(smtpAt(port), { maxHeld: 3 });
    for (let n = 0; n < 10; n += 1) mailer.send({ ...MAIL, to: `member-${n}@example.com` });
    await mailer.stop();
    expect(received.map(({ recipients }) => recipients[0]).sort()).toEqual(
      [0, 1, 2].map((n) => `member-${n}@example.com`),
    );
    expect(entries).toEqual([
      { level: 'warn', event: 'mail.refused', fields: { mails: 1 } },
      { level: 'warn', event: 'mail.refused', fields: { mails: 6 } },
    ]);
  });

  test('when the service stops is tried once more, without the pause that was left', async () => {
    const { port, received } = await startSmtpServer();
    const { mailer, entries } = createTestMailer(smtpAt(port), { pausesMs: [3_600_000] });
    mailer.send(MAIL);
    mailer.send(MAIL);
    await mailer.stop();
    expect(received).toHaveLength(2);
    expect(entries).toEqual([]);
  });

  test('by then by a server that says nothing is lost, and told of by the number', async () => {
    const { port } = await startSmtpServer({ onConnect: () => {} });
    const { mailer, entries } = createTestMailer(smtpAt(port), { stopMs: 50 });
    for (let n = 0; n < 5; n += 1) mailer.send(MAIL);
    await mailer.stop();
    expect(entries).toEqual([{ level: 'warn', event: 'mail.lost', fields: { mails: 5 } }]);
  });

  test('does not make a caller wait, and nothing is taken after the end', async () => {
    const { port, received } = await startSmtpServer();
    const { mailer } = createTestMailer(smtpAt(port));
    expect(mailer.send(MAIL)).toBeUndefined();
    expect(received).toEqual([]);
    await mailer.stop();
    mailer.send(MAIL);
    await mailer.stop();
    expect(received).toHaveLength(1);
  });
});

describe('headers', () => {
  test.each(['Hello\r\nBcc: eve@example.com', 'Hello\nBcc: eve@example.com', 'Hello\u0000\rBcc: eve@example.com'])(
    'cannot be added by the subject %j',
    async (subject) => {
      const { port, received } = await startSmtpServer();
      const { mailer } = createTestMailer(smtpAt(port));
      mailer.send({ ...MAIL, subject });
      await mailer.stop();
      expect(received[0]?.recipients).toEqual(['ada@example.com']);
      expect(received[0]?.source).toMatch(/^Subject: Hello Bcc: eve@example\.com\r$/m);
      expect(received[0]?.source).not.toMatch(/^Bcc:/m);
    },
  );

  test.each([
    'ada@example.com\r\nRCPT TO:<eve@example.com>',
    'ada@example.com, eve@example.com',
    'eve@example.com,ada@example.com',
    '<eve@example.com>',
    'Ada <ada@example.com>',
    'ada@example.com\u0000',
    '"ada eve"@example.com',
    'group:eve@example.com;',
    'ada',
    '',
  ])('and recipients cannot be added by the address %j', async (to) => {
    const { port, received } = await startSmtpServer();
    const { mailer, untilLogged } = createTestMailer(smtpAt(port));
    mailer.send({ ...MAIL, to });
    expect((await untilLogged('mail.failed')).fields).toEqual({ attempts: 1, code: 'EENVELOPE' });
    await mailer.stop();
    expect(received).toEqual([]);
  });
});
