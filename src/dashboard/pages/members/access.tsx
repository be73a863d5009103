import type { AccessLevel } from '../../../identity/access-level.ts';
import { Badge } from '../../parts/badge.tsx';

/** What people call an access level, and what it allows. */
export const ACCESS_TEXTS: Readonly<Record<AccessLevel, { readonly title: string; readonly allows: string }>> = {
  owner: {
    title: 'Owner',
    allows: 'Everything, other owners included. There is always one owner left who can sign in.',
  },
  admin: {
    title: 'Admin',
    allows: 'All tokens, API keys, roles, settings, the audit log, and everybody but owners.',
  },
  member: {
    title: 'Member',
    allows: 'Their own tokens and nothing else: they issue what their roles allow, and see nobody else’s.',
  },
  auditor: {
    title: 'Auditor',
    allows: 'Reads all tokens and the audit log, and changes nothing.',
  },
};

export function AccessBadge({ access }: { access: AccessLevel }) {
  const tone = access === 'owner' || access === 'admin' ? 'accent' : 'plain';
  return <Badge tone={tone}>{ACCESS_TEXTS[access].title}</Badge>;
}
