import type { MemberWithLinkView } from '../operator/members.ts';
import type { FirstOwnerView, MemberView } from '../operator/views.ts';
import type { CommandOptions, Presentation } from './perform.ts';
import { formatTable, formatTime } from './text.ts';

/** `done` says what was done, and `why` what the link is for. */
export function showLink(done: string, why: string): Presentation<MemberWithLinkView> {
  return {
    json: (view) => view,
    text: ({ link }) => `${link.url}\n`,
    notes: ({ member, link }) => [
      `${done} ${describe(member)}.`,
      `This is the only time the link is shown: ${why}. It works once, until ${formatTime(link.expires_at, '')}.`,
    ],
    rescue: ({ member: { id } }) => `The link is lost; \`tooken members reset ${id}\` makes a new one.`,
  };
}

/** `done` says what was done: `Removed`. */
export function showMember(done: string): Presentation<MemberView> {
  return {
    json: (member) => ({ member }),
    text: ({ id }) => `${id}\n`,
    notes: (member) => [`${done} ${describe(member)}.`],
  };
}

/** Lines about the first owner; none where the document says it, since both may end up in one log. */
export function tellOfOwner({ id, link }: FirstOwnerView, { json }: CommandOptions): string[] {
  if (json === true) return [];
  return [
    `The first owner (${id}) chooses email and password by this link, which is shown this once and works once, until ${formatTime(link.expires_at, '')}:`,
    link.url,
  ];
}

const HEADINGS = ['ID', 'NAME', 'EMAIL', 'ACCESS', 'STATUS', 'SIGN-IN', 'ROLES', 'GROUPS', 'CREATED', 'LAST SIGNED IN'];

export function formatMembers(members: readonly MemberView[]): string {
  const rows = members.map((member) => [
    member.id,
    member.name,
    member.email ?? '-',
    member.access,
    member.status,
    describeSignIn(member),
    member.roles.join(',') || '-',
    member.groups.join(',') || '-',
    formatTime(member.created_at, '-'),
    formatTime(member.last_signed_in_at, 'never'),
  ]);
  return formatTable(HEADINGS, rows);
}

function describeSignIn({ can_sign_in, totp_enabled }: MemberView): string {
  if (!can_sign_in) return 'none';
  return totp_enabled ? 'password+code' : 'password';
}

function describe({ id, name, email, access, status }: MemberView): string {
  return `"${name}" (${[id, email, status === 'removed' ? status : access].filter((part) => part !== null).join(', ')})`;
}
