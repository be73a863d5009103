import type { Operation, Right } from './history.ts';

/** An answer that was wrong, whatever order things happened in. */
export interface Violation {
  readonly kind: 'old right' | 'lost right' | 'never given';
  readonly rights: readonly Right[];
  readonly observation: Operation;
  /** For an old right: the operation that had taken it. */
  readonly taking?: Operation;
}

/** What ends by time may end so much earlier or later. */
const TOLERANCE_MS = 1_000;

/**
 * All answers in `history` that break the promise:
 *
 * - *old right*: an answer shows a right that a call had taken, which was answered before the request was sent;
 * - *lost right*: an answer denies a right that was given before the request was sent, and that nothing had begun to take
 *   when the answer came;
 * - *never given*: an answer shows a right that nobody ever asked for.
 *
 * While a taking call runs, and after one whose outcome is unknown, either answer is right.
 */
export function findViolations(history: readonly Operation[]): Violation[] {
  const fates = readFates(history);
  return history.flatMap((operation) => [...showsTooMuch(operation, fates), ...deniesTooMuch(operation, fates)]);
}

/** What the whole history says about one right. */
interface Fate {
  /** The first request to give it. */
  askedMs: number;
  /** Answered: from here on it is there. */
  givenMs: number;
  /** Before this nothing has begun to take it. */
  doubtMs: number;
  /** After this it is gone for certain. */
  takenMs: number;
  taking?: Operation;
}

function readFates(history: readonly Operation[]): ReadonlyMap<Right, Fate> {
  const fates = new Map<Right, Fate>();
  for (const operation of history) {
    if (operation.outcome === 'refused') continue;
    for (const right of operation.gives ?? []) noteGiving(fateOf(fates, right), operation);
    for (const { right, endsMs } of operation.takes ?? []) noteTaking(fateOf(fates, right), operation, endsMs);
    for (const right of operation.mayTake ?? []) noteDoubt(fateOf(fates, right), operation.sentMs);
  }
  return fates;
}

function fateOf(fates: Map<Right, Fate>, right: Right): Fate {
  const known = fates.get(right);
  if (known !== undefined) return known;
  const fate = { askedMs: Infinity, givenMs: Infinity, doubtMs: Infinity, takenMs: Infinity };
  fates.set(right, fate);
  return fate;
}

function noteGiving(fate: Fate, { outcome, sentMs, receivedMs }: Operation): void {
  fate.askedMs = Math.min(fate.askedMs, sentMs);
  if (outcome === 'done') fate.givenMs = Math.min(fate.givenMs, receivedMs);
}

function noteTaking(fate: Fate, operation: Operation, endsMs = -Infinity): void {
  noteDoubt(fate, Math.max(operation.sentMs, endsMs - TOLERANCE_MS));
  if (operation.outcome !== 'done') return;
  const takenMs = Math.max(operation.receivedMs, endsMs + TOLERANCE_MS);
  if (takenMs >= fate.takenMs) return;
  fate.takenMs = takenMs;
  fate.taking = operation;
}

function noteDoubt(fate: Fate, sinceMs: number): void {
  fate.doubtMs = Math.min(fate.doubtMs, sinceMs);
}

function showsTooMuch(observation: Operation, fates: ReadonlyMap<Right, Fate>): Violation[] {
  return (observation.shows ?? []).flatMap((right): Violation[] => {
    const fate = fates.get(right);
    if (fate === undefined || fate.askedMs > observation.receivedMs) {
      return [{ kind: 'never given', rights: [right], observation }];
    }
    if (fate.taking === undefined || fate.takenMs >= observation.sentMs) return [];
    return [{ kind: 'old right', rights: [right], observation, taking: fate.taking }];
  });
}

function deniesTooMuch(observation: Operation, fates: ReadonlyMap<Right, Fate>): Violation[] {
  const { sentMs, receivedMs, denies = [] } = observation;
  const isThere = (right: Right) => {
    const fate = fates.get(right);
    return fate !== undefined && fate.givenMs < sentMs && fate.doubtMs > receivedMs;
  };
  return denies.filter((group) => group.every(isThere)).map((rights) => ({ kind: 'lost right', rights, observation }));
}
