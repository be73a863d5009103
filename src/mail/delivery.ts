import { createTransport } from 'nodemailer';
import type { SmtpSettings } from '../config/smtp.ts';
import type { Clock } from '../lib/clock.ts';
import type { Mail } from './mail.ts';

/** Hands a mail to the mail server. Rejects if that did not take it, or `signal` was aborted. */
export type Deliver = (mail: Mail, signal: AbortSignal) => Promise<void>;

/** Why the server did not take a mail, free of addresses and of what the server has said. */
export interface DeliveryFailure {
  /** `ECONNECTION`, `EAUTH`, …: the package's. */
  readonly code: string;
  /** What the server has answered: `550`. */
  readonly response_code?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 20_000;
/** Of all that one mail takes, however slowly the server goes on talking. */
const DELIVERY_TIMEOUT_MS = 60_000;

/** Each mail has a connection of its own: they are few. */
export function createDelivery(smtp: SmtpSettings, clock: Clock): Deliver {
  const transport = createSmtpTransport(smtp);
  return async ({ to, subject, text }, signal) => {
    if (!ADDRESS.test(to)) throw Object.assign(new Error('not an address'), { code: INVALID });
    await transport.sendMail({
      from: { ...smtp.from },
      to: { name: '', address: to },
      // Said apart, so that nobody reads addresses out of the headers.
      envelope: { from: smtp.from.address, to: [to] },
      subject: subject.replace(/\p{Cc}+/gu, ' '),
      text,
      date: clock.now(),
      // RFC 3834: no out-of-office replies.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal: AbortSignal.any([signal, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
    });
  };
}

/** Connects and signs in as if to send a mail. Undefined if the server would take one. */
export async function probeServer(smtp: SmtpSettings): Promise<DeliveryFailure | undefined> {
  const transport = createSmtpTransport(smtp);
  try {
    await transport.verify();
    return undefined;
  } catch (error) {
    return failureOf(error);
  } finally {
    transport.close();
  }
}

export function failureOf(error: unknown): DeliveryFailure {
  const { code, responseCode } = Object(error) as { readonly code?: unknown; readonly responseCode?: unknown };
  return {
    code: typeof code === 'string' ? code : 'unknown',
    ...(typeof responseCode === 'number' && { response_code: responseCode }),
  };
}

/** Whether the same mail would fail again: the server has said so (RFC 5321 §4.2.1), or it has no address. */
export function isPermanent({ code, response_code: answer }: DeliveryFailure): boolean {
  return answer === undefined ? code === INVALID : answer >= 500;
}

const INVALID = 'EENVELOPE';

/** What needs no quoting in a header (RFC 5322 §3.4.1), in any script: everything else people have is refused. */
const ADDRESS = /^[^\s\p{Cc}<>()[\],;:\\"@]+@[^\s\p{Cc}<>()[\],;:\\"@]+$/u;

function createSmtpTransport({ host, port, tls, login }: SmtpSettings) {
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(login !== undefined && { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
  });
}
