import { describe, expect, test } from 'vitest';
import * as protocol from '../../src/coherence/protocol.ts';
import { isVisible } from '../../src/coherence/snapshot.ts';
import type { Subject } from '../../src/coherence/subject.ts';
import { explore } from './model/explore.ts';
import { HALVED, OTHER_TOKEN, setUp, TOKEN } from './model/setup.ts';

type Over = Parameters<typeof setUp>[0];

const ONE = [{ subject: TOKEN, isFenced: true }];
const REPEATED = [...ONE, ...ONE];
const TWO = [...ONE, { subject: OTHER_TOKEN, isFenced: true }];
const THEN = [...ONE, { subject: OTHER_TOKEN, isFenced: true, after: 0 }];
const CREATED = [{ subject: 'creation' as Subject, isFenced: false }];

/** The running code's rules, in small worlds, each explored to its end. */
describe('no order of events lets an old right through', () => {
  test.each<[string, Over]>([
    ['with one replica', {}],
    ['with clocks that can be read in the middle of a lease', HALVED],
    ['with two replicas', { replicas: 2 }],
    ['with connections that are lost', { faults: { losses: 1 } }],
    ['with crashes', { faults: { crashes: 1 } }],
    ['with machines that are suspended', { faults: { suspensions: 1 } }],
    ['with wall clocks that are set', { faults: { clockChanges: 1 } }],
    ['with copies of a process', { faults: { copies: 1 } }],
    ['with a process that comes back from an old image', { hasImage: true, replicas: 2 }],
    ['with replicas that leave', { leaving: true }],
    ['while old invalidations are deleted', { purging: true }],
    ['while silent replicas are removed', { watching: true }],
    ['with a change that is repeated', { changes: REPEATED }],
    ['with two changes at once', { changes: TWO }],
    ['with a change that follows another', { changes: THEN }],
    ['with what was unknown until it was made', { changes: CREATED }],
    ['with clock rates that differ by one per cent', { tickMs: { replicas: 991, waiters: 1001 }, ticksPerLease: 2 }],
  ])('%s', { timeout: 120_000 }, (_, over) => {
    const { states, violation } = explore(setUp(over));
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(200);
  });
});

/** Dropping any of them must be found. */
describe('each rule carries its load: without it, an old right gets through', () => {
  test.each<[string, Over]>([
    ['apply, then acknowledge', { rules: { appliesBeforeAcknowledging: false } }],
    ['apply, then confirm', { rules: { appliesBeforeConfirming: false } }],
    ['acknowledge what was read, no more', { rules: { acknowledgesWhatItHasRead: false } }],
    ['the lease runs from before the read', { rules: { leaseRunsFrom: 'after the read' } }],
    ['the lease does not run from its acknowledgement', { rules: { leaseRunsFrom: 'the acknowledgement' } }],
    [
      'the wall clock must agree',
      {
        faults: { suspensions: 1 },
        rules: { isLeaseValid: ({ since, durationMs }, now) => now.monotonicMs - since.monotonicMs < durationMs },
      },
    ],
    [
      'the wall clock never extends a lease',
      {
        faults: { clockChanges: 1 },
        rules: { isLeaseValid: ({ since, durationMs }, now) => now.wallMs - since.wallMs < durationMs },
      },
    ],
    ['forget everything when evicted', { rules: { forgetsWhenEvicted: false } }],
    ['register under a new id', { rules: { registersUnderNewId: false } }],
    [
      'renew only what is there as it was left',
      { hasImage: true, replicas: 2, rules: { isAsLeft: ({ id }, row) => id === row.id } },
    ],
    [
      'confirm only with a lease',
      { hasImage: true, replicas: 2, rules: { confirmingId: ({ registration }) => registration?.id } },
    ],
    ['snapshots, not a cursor', { changes: TWO, rules: { isNews: (xid, last) => xid >= last.xmax } }],
    [
      'a load is used under its own registration only',
      {
        rules: {
          isLoadUsable: ({ lease }, _load, now) => lease !== undefined && protocol.isLeaseValid(lease, now),
        },
      },
    ],
    [
      'a load is used under a lease only',
      {
        faults: { copies: 1 },
        rules: { isLoadUsable: ({ registration }, load) => registration?.id === load.registrationId },
      },
    ],
    ['a load yields to what was applied meanwhile', { rules: { staleSubjects: () => new Set<Subject>() } }],
    ['a load has the snapshot of its own statement', { rules: { loadsWithinOneStatement: false } }],
    ['a load is sent after the registration has answered', { rules: { loadsAfterRegistration: false } }],
    [
      'what is unknown yields to a creation',
      { changes: CREATED, rules: { concerns: (_finding, subject) => subject !== 'creation' } },
    ],
    ['wait for who has not acknowledged', { rules: { isAwaited: () => false } }],
    [
      'wait a margin longer than the lease',
      {
        tickMs: { replicas: 991, waiters: 1001 },
        ticksPerLease: 2,
        rules: { mayEvict: (waitedMs, leaseMs) => waitedMs > leaseMs },
      },
    ],
    ['count from the commit', { rules: { waitsFromCommit: false } }],
    ['look at the members after the commit', { rules: { readsMembersAfterCommit: false } }],
    ['evict only who still does not cover', { changes: TWO, rules: { isEvictable: () => true } }],
    [
      'notice an eviction',
      {
        changes: TWO,
        rules: {
          settleRenewal: (state, renewal, outcome) =>
            protocol.settleRenewal(state, renewal, { ...outcome, isAcknowledged: true }),
        },
      },
    ],
    ['a confirmation is for one fence', { changes: TWO, rules: { countsOwnConfirmationsOnly: false } }],
    [
      'a confirmation is of one registration',
      { replicas: 2, rules: { isAwaited: ({ isCovered }, confirmed) => !isCovered && confirmed.size === 0 } },
    ],
    ['tell after the commit', { rules: { tellsAfterCommit: false } }],
    ['look up after the last byte', { rules: { looksUpAfterLastByte: false } }],
    ['read the clocks after the last byte', { rules: { readsClocksAfterLastByte: false } }],
    ['look up everything again after a load', { changes: THEN, rules: { looksUpAgainAfterLoad: false } }],
    ['give up the lease, then leave', { leaving: true, rules: { givesUpLeaseBeforeLeaving: false } }],
    ['purge only what all have applied', { purging: true, rules: { isPurgeable: () => true } }],
    ['a repeated call waits too', { changes: REPEATED, rules: { fencesRepeats: false } }],
  ])('%s', { timeout: 120_000 }, (_, over) => {
    const { violation } = explore(setUp(over));
    expect(violation?.trace.length).toBeGreaterThan(3);
  });

  test('and a machine that loses both of its clocks is beyond them, as the documentation says', () => {
    expect(explore(setUp({ faults: { clockChanges: 1, suspensions: 1 } })).violation).toBeDefined();
  });

  test('visible and invisible are told apart', () => {
    const snapshot = { xmin: 5n, xmax: 9n, inProgress: [6n] };
    expect([4n, 5n, 6n, 8n, 9n].map((xid) => isVisible(xid, snapshot))).toEqual([true, true, false, true, false]);
  });
});
