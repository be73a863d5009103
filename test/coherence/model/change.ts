import type { Member } from '../../../src/coherence/protocol.ts';
import { isVisible, type Xid } from '../../../src/coherence/snapshot.ts';
import { begin, commit, deleteRows, hasChanged } from './postgres.ts';
import { withApplied, withConfirmation } from './replica.ts';
import type { Rules } from './rules.ts';
import type { ChangeSetup, Setup } from './setup.ts';
import { type Change, PRESENT, type Step, type World, withChange, withReplica } from './world.ts';

/**
 * What change `n` does, from the transaction to the answer. One that gets stuck anywhere is one whose caller got no
 * answer; the repeated call is another change of the same subject.
 */
export function* changeSteps(setup: Setup, world: World, n: number): Generator<Step> {
  const [change, plan] = [world.changes[n], setup.changes[n]];
  if (change === undefined || plan === undefined) return;
  if (change.at === 'to come') yield* beginSteps(setup, world, n, plan);
  else if (change.xid === undefined) return;
  else if (change.at === 'begun') yield commitStep(setup, world, n, plan, change.xid);
  else if (change.at === 'committed') yield answerStep(setup, world, n, plan, change.xid);
  else if (change.at === 'fencing') yield* fenceSteps(setup, world, n, change, change.xid);
}

function* beginSteps(
  { rules, changes }: Setup,
  world: World,
  n: number,
  { subject, after }: ChangeSetup,
): Generator<Step> {
  if (after !== undefined && world.changes[after]?.at !== 'answered') return;
  if (changes.some((plan, m) => m < n && isAlike(plan, changes[n]) && world.changes[m]?.at === 'to come')) return;
  const { database, xid } = begin(world.database, subject);
  const members = rules.readsMembersAfterCommit ? undefined : awaitedRows(world, xid);
  const begun = withChange({ ...world, database }, n, { at: 'begun', xid, members });
  const next = rules.tellsAfterCommit ? begun : withTold(begun, n);
  yield { label: `change ${n + 1}, of ${subject}, begins transaction ${xid}`, next };
}

/** Which of two changes is called the first is but a name, unless they differ in more than the subject. */
function isAlike(one: ChangeSetup, other: ChangeSetup | undefined): boolean {
  return one.isFenced === other?.isFenced && one.host === other.host && one.after === other.after;
}

/** Whoever shares the process with no replica hears of it at once: to hear of it later only gives everybody more time. */
function commitStep(setup: Setup, world: World, n: number, plan: ChangeSetup, xid: Xid): Step {
  const database = commit(world.database, xid);
  const next = withChange({ ...world, database }, n, { at: 'committed' });
  const what = hasChanged(database, xid) ? '' : ', which found nothing to change';
  const label = `PostgreSQL commits transaction ${xid}${what}`;
  if (plan.host !== undefined) return { label, next };
  const answered = answerStep(setup, next, n, plan, xid);
  return { label: `${label}; ${answered.label}`, next: answered.next };
}

/** The answer to the commit arrives. Its own replica learns of it in the same turn in which all others are told. */
function answerStep({ rules }: Setup, world: World, n: number, plan: ChangeSetup, xid: Xid): Step {
  const isRepeat = !hasChanged(world.database, xid);
  if (!plan.isFenced || (isRepeat && !rules.fencesRepeats)) {
    return { label: `change ${n + 1} answers without a fence`, next: withAnswer(world, n) };
  }
  const fencing = withChange(world, n, { at: 'fencing' });
  const told = rules.tellsAfterCommit ? withTold(fencing, n, plan.host) : fencing;
  const next =
    plan.host === undefined ? told : withOwnApplied(rules, told, n, plan.host, { xid, subject: plan.subject });
  return { label: `the fence of change ${n + 1} begins`, next };
}

function withOwnApplied(
  rules: Rules,
  world: World,
  n: number,
  host: number,
  invalidation: { readonly xid: Xid; readonly subject: ChangeSetup['subject'] },
): World {
  const replica = world.replicas[host];
  if (replica === undefined) return world;
  const id = rules.confirmingId(replica.state, PRESENT);
  const applied = withReplica(world, host, withApplied(rules, replica, [invalidation]));
  return id === undefined ? applied : withConfirmation(rules, applied, n, id);
}

/** A notification that arrives later can only do good, so none does. */
function withAnswer(world: World, n: number): World {
  const answered = withChange(world, n, { at: 'answered', waitedMs: 0, members: undefined, confirmed: [] });
  const replicas = answered.replicas.map((replica) =>
    replica.told.includes(n) ? { ...replica, told: replica.told.filter((m) => m !== n) } : replica,
  );
  return { ...answered, replicas };
}

/** A notification sets out to every replica but `host`. */
function withTold(world: World, n: number, host?: number): World {
  const replicas = world.replicas.map((replica, m) =>
    m === host ? replica : { ...replica, told: [...replica.told, n].sort() },
  );
  return { ...world, replicas };
}

function* fenceSteps({ rules }: Setup, world: World, n: number, change: Change, xid: Xid): Generator<Step> {
  const { members, waitedMs } = change;
  const read = withAnswerIfDue(rules, withChange(world, n, { members: awaitedRows(world, xid) }), n);
  yield { label: `the fence of change ${n + 1} reads replicas${read.what}`, next: read.world };
  const due = withAnswerIfDue(rules, world, n);
  if (due.world !== world)
    yield { label: `the fence of change ${n + 1} has the confirmations${due.what}`, next: due.world };
  const overdue = missingOf(rules, change).filter(({ leaseMs }) => rules.mayEvict(waitedMs, leaseMs));
  if (overdue.length === 0) return;
  const ids = overdue.map(({ id }) => id);
  const database = deleteRows(world.database, (row) => ids.includes(row.id) && rules.isEvictable(row, xid));
  const left = (members ?? []).filter(({ id }) => !ids.includes(id));
  const evicted = withAnswerIfDue(rules, withChange({ ...world, database }, n, { members: left }), n);
  const label = `the fence of change ${n + 1} has waited long enough to evict ${ids.join(' and ')}, if not covered by now`;
  yield { label: `${label}${evicted.what}`, next: evicted.world };
}

/** A fence that waits for nobody answers: to answer later only gives everybody more time. */
function withAnswerIfDue(rules: Rules, world: World, n: number): { readonly world: World; readonly what: string } {
  const change = world.changes[n];
  if (change?.members === undefined || missingOf(rules, change).length > 0) return { world, what: '' };
  return { world: withAnswer(world, n), what: `; change ${n + 1} answers` };
}

function missingOf(rules: Rules, { members = [], confirmed }: Change): readonly Member[] {
  return members.filter((member) => rules.isAwaited(member, new Set(confirmed)));
}

/** The rows that do not cover `xid`; the others are nothing to wait for. */
function awaitedRows({ database }: World, xid: Xid): readonly Member[] {
  return database.rows
    .map(({ id, leaseMs, acked }) => ({ id, leaseMs, isCovered: isVisible(xid, acked) }))
    .filter(({ isCovered }) => !isCovered);
}
