import type { GroupSize } from '../../../tokens/store/group-sizes.ts';
import { counted, thousands } from '../../parts/times.ts';

/** How many tokens something has: `3 live, 1 test`. Those that are revoked or expired do not count. */
export function Size({ size }: { size: GroupSize | undefined }) {
  const text = size === undefined ? '' : sizeText(size);
  return text === '' ? <span class="muted">none</span> : <span class="nowrap">{text}</span>;
}

export function sizeText({ live, test, isMore }: GroupSize): string {
  const counts = [
    { count: live, noun: 'live' },
    { count: test, noun: 'test' },
  ];
  const said = counts.filter(({ count }) => count > 0).map(({ count, noun }) => `${thousands(count)} ${noun}`);
  return (isMore ? ['at least', said.join(', ') || '0'] : [said.join(', ')]).join(' ').trim();
}

/** `3 tokens`, `at least 100,000 tokens`. */
export function tokensText(count: number, { isMore }: Pick<GroupSize, 'isMore'>): string {
  return `${isMore ? 'at least ' : ''}${counted(count, 'token')}`;
}

/** Of both environments together. */
export function totalOf({ live, test }: GroupSize): number {
  return live + test;
}
