import type { SmtpSettings } from '../config/smtp.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createDelivery } from './delivery.ts';
import type { Mail } from './mail.ts';
import { createOutbox, type OutboxSettings } from './outbox.ts';

/** Sends mail, if the service was given a mail server. */
export interface Mailer {
  readonly isConfigured: boolean;
  /**
   * Takes a mail over and returns at once: it is handed to the mail server later, and retried for some minutes. Whether that
   * went well is told by the log alone, so an answer takes as long with a mail as without. Without a server it does nothing.
   */
  send(mail: Mail): void;
  /** Tries once more what is still waiting, for a few seconds, and then gives it up. */
  stop(): Promise<void>;
}

interface MailerOptions {
  /** Undefined: nothing is sent. */
  readonly smtp: SmtpSettings | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbox?: Partial<OutboxSettings>;
}

export function createMailer({ smtp, clock, logger, outbox: settings }: MailerOptions): Mailer {
  if (smtp === undefined) return { isConfigured: false, send: () => {}, stop: async () => {} };
  const outbox = createOutbox({ deliver: createDelivery(smtp, clock), logger, ...settings });
  return { isConfigured: true, send: outbox.add, stop: outbox.stop };
}
