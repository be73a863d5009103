const DAY_SECONDS = 86_400;

/** Each unit from where on it is used: 59 days say more than one month, which they would be, rounded down. */
const STEPS = [
  { unit: 'year', seconds: 365 * DAY_SECONDS, from: 2 * 365 * DAY_SECONDS },
  { unit: 'month', seconds: 30 * DAY_SECONDS, from: 90 * DAY_SECONDS },
  { unit: 'day', seconds: DAY_SECONDS, from: DAY_SECONDS },
  { unit: 'hour', seconds: 3_600, from: 3_600 },
  { unit: 'minute', seconds: 60, from: 60 },
] as const;

/** `in 12 days`, `5 minutes ago`, `just now`: rounded down, so that nothing seems to be over before it is. */
export function relativeTime(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const step = STEPS.find((each) => Math.abs(seconds) >= each.from);
  if (step === undefined) return seconds > 0 ? 'in less than a minute' : 'just now';
  const count = Math.floor(Math.abs(seconds) / step.seconds);
  const amount = `${count} ${step.unit}${count === 1 ? '' : 's'}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `4 Dec 2026, 18:45 UTC`, or with the seconds. */
export function absoluteTime(at: Date, precision: 'minute' | 'second' = 'minute'): string {
  const time = at.toISOString().slice(11, precision === 'minute' ? 16 : 19);
  return `${absoluteDay(at)}, ${time} UTC`;
}

/** `4 Dec 2026`, in UTC. */
export function absoluteDay(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

/** `1,234,567` */
export function thousands(count: number): string {
  return count.toLocaleString('en');
}

/** `1 token`, `12 tokens`: the noun with its number. */
export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : nouns}`;
}
