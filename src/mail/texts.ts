import type { Mail } from './mail.ts';

/** Whom a mail is for, and where it comes from. */
interface Addressee {
  readonly to: string;
  readonly workspaceName: string;
  /** Of this service, as people know it. */
  readonly publicUrl: string;
}

interface LinkMail extends Addressee {
  readonly link: string;
  readonly expiresAt: Date;
}

/** Lets somebody join by choosing a password. `inviter` is the name of who asks; null for an operator. */
export function invitationMail({ inviter, ...mail }: LinkMail & { readonly inviter: string | null }): Mail {
  const workspace = oneLine(mail.workspaceName);
  return compose(mail, `You are invited to ${workspace}`, [
    `${oneLine(inviter ?? 'An operator')} invites you to the workspace "${workspace}". To join it, choose a password here:`,
    mail.link,
    `The link works once, until ${formatInstant(mail.expiresAt)}. If you did not expect it, do nothing: nobody joins without it.`,
  ]);
}

/** Lets somebody set a new password. */
export function resetMail(mail: LinkMail): Mail {
  const workspace = oneLine(mail.workspaceName);
  return compose(mail, `Your password for ${workspace}`, [
    `Somebody asked for a new password for your account in the workspace "${workspace}". If that was you, set it here:`,
    mail.link,
    `The link works once, until ${formatInstant(mail.expiresAt)}. If it was not you, do nothing: your password stays as it is.`,
  ]);
}

/** What happened to an account that its owner should know of, each as what goes on after "Your account". */
const NOTICES = {
  new_device: { subject: 'New sign-in', happened: 'was signed in to from a device that had not been used before' },
  password_changed: {
    subject: 'Your password was changed',
    happened: 'has a new password, and every session was ended',
  },
  totp_enabled: { subject: 'Two-factor sign-in is on', happened: 'now asks for a code of an authenticator app' },
  totp_disabled: {
    subject: 'Two-factor sign-in is off',
    happened: 'no longer asks for a code of an authenticator app, and every session was ended',
  },
  recovery_codes_replaced: {
    subject: 'New recovery codes',
    happened: 'has new recovery codes, and those from before no longer work',
  },
  recovery_code_used: {
    subject: 'A recovery code was used',
    happened: 'was opened with one of its recovery codes, which is used up by that',
  },
  email_changed: {
    subject: 'Your email address was changed',
    happened: 'has another email address, and this one no longer opens it',
  },
  locked: {
    subject: 'Sign-in is locked for a while',
    happened: 'was locked for a while, as wrong passwords or codes were given too often',
  },
} as const;

export type Notice = keyof typeof NOTICES;

interface NoticeMail extends Addressee {
  readonly notice: Notice;
  readonly at: Date;
  /** Where the request came from; null where nobody knows. */
  readonly ip: string | null;
}

/** Tells the owner of an account what has just happened to it. */
export function securityNotice({ notice, at, ip, ...mail }: NoticeMail): Mail {
  const { subject, happened } = NOTICES[notice];
  const workspace = oneLine(mail.workspaceName);
  return compose(mail, `${subject} (${workspace})`, [
    `Your account in the workspace "${workspace}" ${happened}.`,
    `When: ${formatInstant(at)}\nFrom: ${ip ?? 'an unknown address'}`,
    'If that was you, there is nothing to do. If not, change your password and tell an owner or admin of the workspace.',
  ]);
}

function compose({ to, publicUrl }: Addressee, subject: string, paragraphs: readonly string[]): Mail {
  return { to, subject, text: `${paragraphs.join('\n\n')}\n\n-- \nTooken at ${publicUrl}\n` };
}

/** `2026-05-05 12:00 UTC`. */
function formatInstant(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Names are what people type: nothing in one may look like a line of the mail, or turn what stands beside it around. */
function oneLine(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ');
}
