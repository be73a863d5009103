import type { MemberWithLink } from '../../../identity/members/invite.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { SecretOnce } from '../../parts/copyable.tsx';
import { absoluteTime } from '../../parts/times.ts';
import { memberCrumbs, memberPath } from './member-path.ts';

export interface LinkTexts {
  readonly title: string;
  /** What whoever opens the link can do with it. */
  readonly opens: string;
  /** What the link is, for the button that copies it. */
  readonly label: string;
}

/** A link that lets a member choose a password, on the only page that ever shows it. */
export function linkView(visit: Visit, { member, link }: MemberWithLink, { title, opens, label }: LinkTexts): View {
  const path = memberPath(visit, member);
  const isMailed = visit.services.mailer.isConfigured && member.email !== null;
  return {
    title,
    section: 'members',
    crumbs: memberCrumbs(visit, member),
    body: (
      <div class="narrow stack">
        <p>
          Send it to <strong class="name">{member.email ?? member.name}</strong> and to nobody else: whoever opens it
          first {opens}
        </p>
        <SecretOnce label={label} secret={link.url} page={path} />
        <ul class="notes">
          <li>It works once, until {absoluteTime(link.expiresAt)}. Links that were made before it are dead.</li>
          <li>
            {isMailed
              ? `A mail with the link is on its way to ${member.email}.`
              : 'It is not mailed, since this service has no mail server: you are the one who passes it on.'}
          </li>
          {member.hasTotp && <li>The second factor stays on.</li>}
        </ul>
        <p class="actions">
          <a class="button button-primary" href={path}>
            I have passed it on
          </a>
        </p>
      </div>
    ),
  };
}

export const JOIN_TEXTS: Omit<LinkTexts, 'title'> = {
  opens: 'chooses the password, and is this member from then on.',
  label: 'invitation link',
};

export const RESET_TEXTS: Omit<LinkTexts, 'title'> = {
  opens: 'chooses a new password. The old one works until then; every session ends when the new one is set.',
  label: 'link for a new password',
};
