import * as protocol from '../../../src/coherence/protocol.ts';
import { isVisible } from '../../../src/coherence/snapshot.ts';
import type { Rules } from './rules.ts';
import { HALVED, type Setup, setUp } from './setup.ts';
import { CREATION, DIFFERENT, ONE_AFTER_THE_OTHER, RATES_APART, SAME } from './worlds.ts';

/** A rule, and a world in which it is switched off. */
export interface SwitchedOff {
  readonly rule: string;
  readonly setup: Setup;
}

type Place = Partial<Omit<Setup, 'rules'>>;

const without = (rule: string, rules: Partial<Rules>, place: Place = {}): SwitchedOff => ({
  rule,
  setup: setUp({ ...place, rules }),
});

const { isLeaseValid } = protocol;
const IMAGE = { replicas: 2, image: 1 } as const;

/** Without any of these a promise breaks. */
export const NEEDED: readonly SwitchedOff[] = [
  without('What a renewal reads is applied before it is acknowledged', { appliesBeforeAcknowledging: false }),
  without('What is acknowledged is the snapshot of the very statement that read', { acknowledgesWhatItHasRead: false }),
  without(
    'A renewal reads all that the last snapshot does not show, not what comes after the last id seen',
    {
      isNews: (xid, last) => xid >= last.xmax,
    },
    { changes: DIFFERENT },
  ),
  without('A lease runs from before the read, not from after it', { leaseRunsFrom: 'after the read' }),
  without('A lease runs from before the read, not from the acknowledgement', { leaseRunsFrom: 'the acknowledgement' }),
  without(
    'A lease has to be valid by the wall clock',
    {
      isLeaseValid: ({ since, durationMs }, now) => now.monotonicMs - since.monotonicMs < durationMs,
    },
    { faults: { suspensions: 1 } },
  ),
  without(
    'A lease has to be valid by the monotonic clock',
    {
      isLeaseValid: ({ since, durationMs }, now) => now.wallMs - since.wallMs < durationMs,
    },
    { faults: { clockChanges: 1 } },
  ),
  without(
    'A renewal that finds no row is an eviction',
    {
      settleRenewal: (state, renewal, outcome) =>
        protocol.settleRenewal(state, renewal, { ...outcome, isAcknowledged: true }),
    },
    { changes: DIFFERENT },
  ),
  without('Who is evicted forgets everything', { forgetsWhenEvicted: false }),
  without('Who is evicted registers under another id', { registersUnderNewId: false }),
  without(
    'A row is renewed only from the count that the replica knows',
    {
      isAsLeft: ({ id }, row) => row.id === id,
    },
    IMAGE,
  ),
  without(
    'Upkeep deletes a row only with the count that it has seen',
    {
      isAsLeft: ({ id }, row) => row.id === id,
    },
    { watching: true },
  ),
  without('Only what is asked after the answer to the registration is used', { loadsAfterRegistration: false }),
  without('What was asked under another registration is not used', {
    isLoadUsable: ({ lease }, _load, now) => lease !== undefined && isLeaseValid(lease, now),
  }),
  without(
    'What is found without a valid lease is not used',
    {
      isLoadUsable: ({ registration }, load) => registration?.id === load.registrationId,
    },
    { faults: { copies: 1 } },
  ),
  without('What is found is not used if something was applied that it does not show', {
    staleSubjects: () => new Set(),
  }),
  without(
    'That a credential is unknown conflicts with any creation',
    {
      concerns: (finding, subject) => finding === 'new' || subject !== 'creation',
    },
    { changes: [CREATION] },
  ),
  without('A load tells the snapshot of the very statement that found', { loadsWithinOneStatement: false }),
  without('The clocks are read after the last byte of a request', { readsClocksAfterLastByte: false }),
  without('Records are looked up after the last byte of a request', { looksUpAfterLastByte: false }),
  without(
    'Records are looked up again after a wait, all in one turn',
    { looksUpAgainAfterLoad: false },
    {
      changes: ONE_AFTER_THE_OTHER,
    },
  ),
  without('A fence waits for every member that does not cover the change', { isAwaited: () => false }),
  without('A fence reads the members after the commit', { readsMembersAfterCommit: false }),
  without(
    'A fence counts a confirmation for the registration that sent it alone',
    {
      isAwaited: ({ isCovered }, confirmed) => !isCovered && confirmed.size === 0,
    },
    { replicas: 2 },
  ),
  without(
    'A fence counts the confirmations of its own change alone',
    { countsOwnConfirmationsOnly: false },
    {
      changes: DIFFERENT,
    },
  ),
  without('Replicas are told after the commit', { tellsAfterCommit: false }),
  without('What is told is applied before it is confirmed', { appliesBeforeConfirming: false }),
  without('Nobody confirms without a valid lease', { confirmingId: ({ registration }) => registration?.id }, IMAGE),
  without('A fence counts its wait from the answer of the commit', { waitsFromCommit: false }),
  without('A fence waits some more than a lease', { mayEvict: (waitedMs, leaseMs) => waitedMs > leaseMs }, RATES_APART),
  without(
    'A fence evicts only who does not cover the change even then',
    { isEvictable: () => true },
    {
      changes: DIFFERENT,
    },
  ),
  without('A call that finds nothing to change fences all the same', { fencesRepeats: false }, { changes: SAME }),
  without('Who leaves gives up the lease before the row', { givesUpLeaseBeforeLeaving: false }, { leaving: true }),
  without('Invalidations stay until every member is past them', { isPurgeable: () => true }, { purging: true }),
];

/** Without these, in these worlds, none does. What they are there for is said with them. */
export const PRECAUTIONS: readonly SwitchedOff[] = [
  // Nothing is remembered before the answer, and what is asked after it is new enough. Like all leases it rests on a write.
  without(
    'The lease of a registration runs from before it is sent',
    { registrationLeaseRunsFrom: 'its answer' },
    HALVED,
  ),
  // There is only one PostgreSQL here; with another that was left behind the rule is needed.
  without('What is found without a valid lease is not used', {
    isLoadUsable: ({ registration }, load) => registration?.id === load.registrationId,
  }),
  // Late acknowledgements of one process only take back what they claimed; another process is needed to do harm.
  without(
    'A row is renewed only from the count that the replica knows',
    {
      isAsLeft: ({ id }, row) => row.id === id,
    },
    { faults: { losses: 1 } },
  ),
  // The simpler condition that the running code uses keeps some more than is needed.
  without(
    'Invalidations stay while a member knew an older transaction in progress',
    {
      isPurgeable: (xid, rows) => rows.every(({ acked }) => isVisible(xid, acked)),
    },
    { changes: SAME, purging: true },
  ),
];
