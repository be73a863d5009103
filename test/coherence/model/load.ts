import type { Load } from '../../../src/coherence/protocol.ts';
import type { Subject } from '../../../src/coherence/subject.ts';
import { findRecord, takeSnapshot } from './postgres.ts';
import { answeredChange, isVouchedFor } from './promise.ts';
import type { Setup } from './setup.ts';
import { type Finding, type LoadUnderWay, PRESENT, type Replica, type Step, type World, withReplica } from './world.ts';

/**
 * How replica `n` answers requests from the database: a load begins for requests that memory cannot answer; what it finds
 * answers all that had come before it was sent, and goes to memory. A load that fails might as well not have begun, so
 * none fails.
 */
export function* loadSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const replica = world.replicas[n];
  if (replica === undefined) return;
  if (n === 0 && replica.loads.length < setup.loads) yield* beginSteps(setup, world, n, replica);
  for (const load of replica.loads) {
    yield load.answer === undefined
      ? answerStep(setup, world, n, replica, load)
      : settleStep(setup, world, n, replica, load, load.answer);
  }
}

function* beginSteps(setup: Setup, world: World, n: number, replica: Replica): Generator<Step> {
  const begun = beginLoad(setup, replica);
  if (begun === undefined) return;
  for (const subject of new Set(setup.changes.map((change) => change.subject))) {
    if (replica.memory.includes(subject) || !isWorthAsking(setup, world, replica, subject)) continue;
    const isOwed = answeredChange(setup, world, [subject]) !== undefined;
    const load: LoadUnderWay = { load: begun.load, subject, isOwed, answer: undefined };
    const noted = setup.rules.looksUpAgainAfterLoad ? load : { ...load, recalled: recall(setup, replica) };
    const next = withReplica(world, n, { state: begun.state, loads: [...replica.loads, noted] });
    yield { label: `replica ${n + 1} asks for the record of ${subject}`, next };
  }
}

function beginLoad({ rules }: Setup, { state, errand }: Replica): ReturnType<Setup['rules']['beginLoad']> {
  if (rules.loadsAfterRegistration || errand?.kind !== 'registration') return rules.beginLoad(state);
  const load: Load = { registrationId: errand.id, sentAfter: state.applications };
  return { state: { ...state, loads: [...state.loads, load] }, load };
}

/** A load can do harm only if it may find the old record, or if the new one may meet another that is old. */
function isWorthAsking({ changes }: Setup, { database }: World, { copy }: Replica, subject: Subject): boolean {
  const isOld = findRecord(database, subject, copy ?? takeSnapshot(database)) === 'old';
  return isOld || changes.some((change) => change.subject === subject && change.after !== undefined);
}

/** The database's part. */
function answerStep(setup: Setup, world: World, n: number, replica: Replica, load: LoadUnderWay): Step {
  const snapshot = replica.copy ?? takeSnapshot(world.database);
  const finding = findRecord(world.database, load.subject, snapshot);
  const label = `${replica.copy === undefined ? 'PostgreSQL' : 'the copy'} finds the ${finding} record of ${load.subject}`;
  if (!isWorthAsking(setup, world, replica, load.subject)) {
    return { label, next: withReplica(world, n, withoutLoad(setup, replica, load)) };
  }
  const loads = replica.loads.map((each) => (each === load ? { ...load, answer: { snapshot, finding } } : each));
  return { label, next: withReplica(world, n, { loads }) };
}

function settleStep(
  setup: Setup,
  world: World,
  n: number,
  replica: Replica,
  load: LoadUnderWay,
  { snapshot, finding }: NonNullable<LoadUnderWay['answer']>,
): Step {
  const { rules } = setup;
  const { subject } = load;
  const seenIn = rules.loadsWithinOneStatement ? snapshot : takeSnapshot(world.database);
  const isStale = rules.staleSubjects(replica.state, seenIn).has(subject) && rules.concerns(finding, subject);
  const ended = withReplica(world, n, withoutLoad(setup, replica, load));
  if (isStale || !rules.isLoadUsable(replica.state, load.load, PRESENT)) {
    return { label: `replica ${n + 1} gets that record, and may not use it`, next: ended };
  }
  const memory = finding === 'old' ? [...new Set([...replica.memory, subject])].sort() : replica.memory;
  const next = withReplica(ended, n, { memory });
  const broken = brokenBy(setup, load, finding, load.recalled ?? recall(setup, { ...replica, memory }));
  const label = `replica ${n + 1} gets that record, answers with it and remembers it`;
  return { label, next, ...(broken !== undefined && { broken }) };
}

/**
 * Requests that had come before the load was sent are owed what had answered by then. And one decision may rest on several
 * records: if it sees a change that began only after another had answered, it has to see that other one as well.
 */
function brokenBy(
  { changes }: Setup,
  { subject, isOwed }: LoadUnderWay,
  finding: Finding,
  oldOnes: readonly Subject[],
): string | undefined {
  if (finding === 'old') {
    return isOwed ? `the load of ${subject} answers with what was before a change that had answered` : undefined;
  }
  const { after } = changes.find((change) => change.subject === subject && change.after !== undefined) ?? {};
  const earlier = after === undefined ? undefined : changes[after]?.subject;
  if (earlier === undefined || !oldOnes.includes(earlier)) return undefined;
  return `one answer rests on the new record of ${subject} and the old one of ${earlier}, which never were at once`;
}

/** What this replica would answer from memory with. */
function recall(setup: Setup, replica: Replica): readonly Subject[] {
  return isVouchedFor(setup, replica, PRESENT) ? replica.memory : [];
}

function withoutLoad({ rules }: Setup, { state, loads }: Replica, load: LoadUnderWay): Partial<Replica> {
  return { state: rules.endLoad(state, load.load), loads: loads.filter((each) => each !== load) };
}
