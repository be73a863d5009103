import type { Member, MemberStatus } from '../../../identity/members/member.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';

export const STATUS_TEXTS: Readonly<Record<MemberStatus, string>> = {
  invited: 'Invited',
  active: 'Active',
  removed: 'Removed',
};

const TONES: Readonly<Record<MemberStatus, Tone>> = { invited: 'accent', active: 'good', removed: 'bad' };

export function StatusBadge({ member: { status } }: { member: Pick<Member, 'status'> }) {
  return <Badge tone={TONES[status]}>{STATUS_TEXTS[status]}</Badge>;
}

/** Whether signing in takes a second factor; nothing for whom that is no question. */
export function SecondFactorBadge({ member }: { member: Pick<Member, 'status' | 'canSignIn' | 'hasTotp'> }) {
  if (!member.canSignIn) return <span class="muted">no sign-in</span>;
  if (member.status !== 'active') return <span class="muted">–</span>;
  return member.hasTotp ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>;
}
