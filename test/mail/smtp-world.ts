import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach } from 'vitest';
import { readSmtp, type SmtpSettings } from '../../src/config/smtp.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import type { OutboxSettings } from '../../src/mail/outbox.ts';
import type { LogFields, Logger } from '../../src/telemetry/logger.ts';

export interface Received {
  readonly recipients: readonly string[];
  readonly user: unknown;
  readonly source: string;
}

interface Entry {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

/** An SMTP server on a loopback address, for the test that is running. */
export async function startSmtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      void readText(stream).then((source) => {
        received.push({
          recipients: session.envelope.rcptTo.map(({ address }) => address),
          user: session.user,
          source,
        });
        done();
      });
    },
    ...options,
  });
  // What goes wrong with a connection is what tests are about.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  afterEach(close);
  return { port: (server.server.address() as AddressInfo).port, received, close };
}

export function smtpAt(port: number, change: Partial<SmtpSettings> = {}): SmtpSettings {
  const settings = readSmtp({ SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_FROM: 'Tooken <tooken@example.com>' });
  if (settings === undefined) throw new Error('no settings');
  return { ...settings, ...change };
}

/** A mailer without patience, and what it logs. */
export function createTestMailer(smtp: SmtpSettings, outbox: Partial<OutboxSettings> = {}) {
  const entries: Entry[] = [];
  const waiting: (() => void)[] = [];
  const logger: Logger = {
    log: (level, event, fields = {}) => {
      entries.push({ level, event, fields });
      for (const wake of waiting.splice(0)) wake();
    },
    isEnabled: () => true,
  };
  const mailer = createMailer({ smtp, clock: systemClock, logger, outbox: { pausesMs: [0, 1, 2], ...outbox } });
  return {
    mailer,
    entries,
    async untilLogged(event: string): Promise<Entry> {
      for (;;) {
        const found = entries.find((entry) => entry.event === event);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
