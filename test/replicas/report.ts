import type { Violation } from './checker.ts';
import type { Operation } from './history.ts';

/** What a run consisted of, for people: operations by kind and answer, what fences waited, and what was wrong. */
export function reportOn(title: string, history: readonly Operation[], violations: readonly Violation[]): string {
  const rows = [...countBy(history, ({ kind }) => kind)].map(([kind, count]) => {
    const answers = countBy(
      history.filter((operation) => operation.kind === kind),
      ({ answer }) => answer,
    );
    return `  ${kind.padEnd(20)} ${String(count).padStart(7)}   ${listOf(answers)}`;
  });
  return [
    `${title}: ${history.length} operations, ${violations.length} violations`,
    ...rows,
    `  questions about rights that had been taken: ${probesIn(history)}`,
    `  fences waited: ${distributionOf(history.flatMap(({ effective }) => effective?.waitedMs ?? []))}`,
    `  replicas they found: ${listOf(
      countBy(
        history.flatMap(({ effective }) => effective ?? []),
        ({ replicas }) => String(replicas),
      ),
    )}`,
    ...violations.slice(0, 10).map(describeViolation),
  ].join('\n');
}

export function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

const listOf = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([key, count]) => `${key}: ${count}`)
    .join(', ');

function distributionOf(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return `${sorted.length} times, p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}

/** Answers that could have been wrong: something they deny had been taken before they were asked for. */
export function probesIn(history: readonly Operation[]): number {
  const takenMs = new Map<string, number>();
  for (const { outcome, takes = [], receivedMs } of history) {
    if (outcome !== 'done') continue;
    for (const { right, endsMs = 0 } of takes)
      takenMs.set(right, Math.min(takenMs.get(right) ?? Infinity, Math.max(receivedMs, endsMs)));
  }
  return history.filter(({ sentMs, denies = [] }) =>
    denies.some((group) => group.some((right) => (takenMs.get(right) ?? Infinity) < sentMs)),
  ).length;
}

function describeViolation({ kind, rights, observation, taking }: Violation): string {
  const { replica, sentMs, receivedMs, answer } = observation;
  const since =
    taking === undefined
      ? ''
      : `, taken by "${taking.kind}" at replica ${taking.replica} from ${at(taking.sentMs)} to ${at(taking.receivedMs)}`;
  return `  ${kind}: ${rights.join(', ')}: "${observation.kind}" at replica ${replica} from ${at(sentMs)} to ${at(receivedMs)} was answered ${answer}${since}`;
}

const at = (ms: number) => `${ms.toFixed(1)} ms`;
