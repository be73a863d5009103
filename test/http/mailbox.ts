import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { afterAll } from 'vitest';
import { smtpAt } from '../mail/smtp-world.ts';

interface Letter {
  readonly to: string;
  /** Subject and body, decoded. */
  readonly text: string;
}

/** A mail server for a test file, and what has come to it. */
export async function startMailbox() {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      void readText(stream).then((source) => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join();
        letters.push({ to, text: source.replace(/=\r?\n/g, '').replaceAll('=3D', '=') });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const to = (address: string, about = /(?:)/) =>
    letters.filter((letter) => letter.to === address && about.test(letter.text));
  return {
    smtp: smtpAt((server.server.address() as AddressInfo).port),
    to,
    /** The newest of `count` letters about something to somebody, when they have come. */
    async until(address: string, about: RegExp, count = 1): Promise<string> {
      while (to(address, about).length < count) await setTimeout(10);
      return to(address, about).at(-1)?.text ?? '';
    },
  };
}

/** The secret of the link in a letter. */
export function secretIn(letter: string): string {
  return /\/link#(tokl_[0-9A-Za-z]{43})/.exec(letter)?.[1] ?? '';
}
