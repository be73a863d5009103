import { StartupError } from '../lib/startup-error.ts';

/** Which server takes our mail, and what it is from. The password in it must never be logged or shown. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `implicit`: from the first byte; `starttls`: required before anything is said; `none`: in the clear. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly from: MailSender;
}

export interface MailSender {
  readonly name: string;
  readonly address: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const URL_EXAMPLE = 'SMTP_URL=smtp://user:password@mail.example.com:587';
const FROM_EXAMPLE = 'SMTP_FROM=Tooken <tooken@example.com>';

/**
 * Reads `SMTP_URL` and `SMTP_FROM`; undefined if neither is set: then no mail is sent.
 *
 *     smtp://user:password@mail.example.com:587      STARTTLS, required except on a loopback address; port 587 unless given
 *     smtps://user:password@mail.example.com:465     TLS from the start; port 465 unless given
 *     smtp://relay.internal:25?tls=off               in the clear, since it is asked for
 *
 * Characters of user and password that a URL would take for its own are escaped: `%40` for `@`.
 *
 * @throws StartupError which never quotes the URL
 */
export function readSmtp(env: Environment): SmtpSettings | undefined {
  const [urlText, fromText] = [env.SMTP_URL || undefined, env.SMTP_FROM || undefined];
  if (urlText === undefined && fromText === undefined) return undefined;
  if (urlText === undefined) throw new StartupError('SMTP_FROM: is set without SMTP_URL. Set both, or neither.');
  if (fromText === undefined) {
    throw new StartupError(`SMTP_FROM: is required with SMTP_URL: what mails are from. Example: ${FROM_EXAMPLE}`);
  }
  const from = parseSender(fromText);
  if (from === undefined) {
    throw new StartupError(`SMTP_FROM: must be an email address, or a name and one in <>. Example: ${FROM_EXAMPLE}`);
  }
  return { ...readServer(urlText), from };
}

function readServer(text: string): Omit<SmtpSettings, 'from'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer =
    url !== undefined && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname);
  if (!isServer || url.hash !== '') throw new StartupError(`SMTP_URL: must be an SMTP URL. Example: ${URL_EXAMPLE}`);
  const isImplicit = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port),
    tls: isImplicit ? 'implicit' : tlsOf(url),
    login: readLogin(url),
  };
}

function readLogin({ username, password }: URL): SmtpSettings['login'] {
  if (username === '' && password === '') return undefined;
  if (username === '' || password === '') {
    throw new StartupError(`SMTP_URL: has one of user and password. Give both, or neither. Example: ${URL_EXAMPLE}`);
  }
  try {
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw new StartupError('SMTP_URL: has a % that escapes nothing. In a user or password write %25 for it.');
  }
}

function tlsOf(url: URL): SmtpSettings['tls'] {
  const [name, ...others] = url.searchParams.keys();
  if (name === undefined) return isLoopback(url.hostname) ? 'none' : 'starttls';
  if (name === 'tls' && others.length === 0 && url.searchParams.get('tls') === 'off') return 'none';
  throw new StartupError('SMTP_URL: has a parameter that is not known. The only one is tls=off, with smtp://.');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** `ada@example.com`, or `Ada Lovelace <ada@example.com>`, the name in quotation marks or not. */
function parseSender(text: string): MailSender | undefined {
  const [, name = '', address = ''] = /^\s*(?:"?([^<>"\p{Cc}]*?)"?\s*<([^<>]+)>|$)\s*$/u.exec(text) ?? [];
  const sender = address === '' ? { name: '', address: text.trim() } : { name, address };
  return /^[^\s\p{Cc}<>()[\],;:\\"@]+@[^\s\p{Cc}<>()[\],;:\\"@]+$/u.test(sender.address) ? sender : undefined;
}
