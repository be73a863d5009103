import type { RequestOrigin } from '../../audit/events/event.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Mailer } from '../../mail/mailer.ts';
import { invitationMail, type Notice, resetMail, securityNotice } from '../../mail/texts.ts';
import type { Link } from '../links/link.ts';
import type { Caller } from '../principal.ts';
import type { Member } from './member.ts';

/** What sending mail draws on. */
export interface MailDeps {
  readonly mailer: Pick<Mailer, 'send'>;
  readonly clock: Clock;
  readonly config: { readonly publicUrl: string };
}

interface LinkInHand {
  readonly member: Member;
  readonly link: Link;
  readonly workspaceName: string;
}

/** Sends a link to join, if there is an address to send it to. */
export function mailInvitation(
  { mailer, config }: MailDeps,
  { principal }: Pick<Caller, 'principal'>,
  { member: { email }, link, workspaceName }: LinkInHand,
): void {
  if (email === null) return;
  const inviter = principal.kind === 'system' ? null : principal.name;
  const { url, expiresAt } = link;
  mailer.send(invitationMail({ to: email, workspaceName, publicUrl: config.publicUrl, link: url, expiresAt, inviter }));
}

/** Sends a link to set a new password. */
export function mailResetLink(
  { mailer, config }: MailDeps,
  { member: { email }, link: { url, expiresAt }, workspaceName }: LinkInHand,
): void {
  if (email === null) return;
  mailer.send(resetMail({ to: email, workspaceName, publicUrl: config.publicUrl, link: url, expiresAt }));
}

/** Tells whoever reads `email` what has happened to the account. */
export function mailNotice(
  { mailer, clock, config }: MailDeps,
  { ip }: Pick<RequestOrigin, 'ip'>,
  {
    notice,
    email,
    workspaceName,
  }: { readonly notice: Notice; readonly email: string | null; readonly workspaceName: string },
): void {
  if (email === null) return;
  mailer.send(securityNotice({ to: email, workspaceName, publicUrl: config.publicUrl, notice, at: clock.now(), ip }));
}
