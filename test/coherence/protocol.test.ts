import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apply,
  beginLoad,
  beginRenewal,
  confirmingId,
  endLoad,
  isAwaited,
  isLeaseValid,
  isLoadUsable,
  type Lease,
  type Load,
  mayEvict,
  type ReplicaState,
  register,
  settleRenewal,
  staleSubjects,
  UNREGISTERED,
} from '../../src/coherence/protocol.ts';
import { isVisible, type Snapshot, type Xid } from '../../src/coherence/snapshot.ts';
import type { Subject } from '../../src/coherence/subject.ts';

const at = (monotonicMs: number, wallMs = monotonicMs) => ({ monotonicMs, wallMs });
/** Shows all transactions before `xmax`. */
const upTo = (xmax: Xid): Snapshot => ({ xmin: xmax, xmax, inProgress: [] });
const LEASE: Lease = { since: at(1_000), durationMs: 100 };
const REGISTERED = register('first', upTo(10n), LEASE);
const OUTCOME = { snapshot: upTo(20n), isAcknowledged: true, leaseMs: 100 };
const TOKEN = 'tkn_1' as Subject;

describe('a lease', () => {
  it.each([
    ['at once', at(1_000), true],
    ['until just before its end', at(1_099.9), true],
    ['not at its end', at(1_100), false],
    ['not when the wall clock alone says that it has ended', at(1_050, 1_100), false],
    ['not when the monotonic clock alone says that it has ended', at(1_100, 1_050), false],
    ['not when the wall clock was set back behind its beginning', at(1_050, 999), false],
  ])('holds %s', (_when, now, isValid) => {
    expect(isLeaseValid(LEASE, now)).toBe(isValid);
  });

  it('has ended wherever it may be evicted, with rates up to 1 % apart', () => {
    const durations = fc.double({ min: 1, max: 1e6, noNaN: true });
    const rates = fc.double({ min: 1 / 1.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 2e6, noNaN: true }), rates, (durationMs, waitedMs, rate) => {
        fc.pre(mayEvict(waitedMs, durationMs));
        expect(isLeaseValid({ since: at(0), durationMs }, at(waitedMs * rate))).toBe(false);
      }),
    );
  });

  it('may be evicted some day', () => {
    expect(mayEvict(2_000, 2_000)).toBe(false);
    expect(mayEvict(2_070, 2_000)).toBe(false);
    expect(mayEvict(2_071, 2_000)).toBe(true);
  });
});

describe('a renewal', () => {
  const renewal = beginRenewal({ id: 'first', renewals: 0, acked: upTo(10n) }, at(1_050));

  it('acknowledges what it has read, and runs from before it was sent', () => {
    expect(settleRenewal(REGISTERED, renewal, OUTCOME)).toMatchObject({
      registration: { id: 'first', renewals: 1, acked: upTo(20n) },
      lease: { since: at(1_050), durationMs: 100 },
    });
  });

  it('keeps what was applied, and the loads, that happened meanwhile', () => {
    const { state } = begun(REGISTERED);
    const told = apply(state, [{ xid: 25n, subject: TOKEN }]);
    const { applied, applications, loads } = settleRenewal(told, renewal, OUTCOME);
    expect({ applied, applications, loads }).toEqual({
      applied: told.applied,
      applications: told.applications,
      loads: told.loads,
    });
  });

  it('that finds no row leaves nothing', () => {
    expect(settleRenewal(REGISTERED, renewal, { ...OUTCOME, isAcknowledged: false })).toEqual(UNREGISTERED);
  });

  it.each([true, false])(
    'of a registration that has ended brings nothing back (acknowledged: %s)',
    (isAcknowledged) => {
      const next = register('second', upTo(15n), LEASE);
      for (const state of [UNREGISTERED, next]) {
        expect(settleRenewal(state, renewal, { ...OUTCOME, isAcknowledged })).toBe(state);
      }
    },
  );
});

describe('a load', () => {
  it('does not begin without a registration', () => {
    expect(beginLoad(UNREGISTERED)).toBeUndefined();
  });

  it('is of use under the registration it began under alone, and under a valid lease', () => {
    const { state, load } = begun(REGISTERED);
    expect(isLoadUsable(state, load, at(1_050))).toBe(true);
    expect(isLoadUsable(state, load, at(1_100))).toBe(false);
    expect(isLoadUsable({ ...state, lease: undefined }, load, at(1_050))).toBe(false);
    expect(isLoadUsable(UNREGISTERED, load, at(1_050))).toBe(false);
    expect(isLoadUsable(register('second', upTo(10n), LEASE), load, at(1_050))).toBe(false);
  });

  it('may tell what was before of all that was applied since the oldest one began and that its snapshot does not show', () => {
    fc.assert(
      fc.property(histories, fc.bigInt({ min: 1n, max: 12n }), (history, xmax) => {
        const { state, loads } = play(history);
        const sinceTheOldest = loads[0]?.appliedSince ?? [];
        const unseen = sinceTheOldest.filter(({ xid }) => !isVisible(xid, upTo(xmax)));
        expect(staleSubjects(state, upTo(xmax))).toEqual(new Set(unseen.map(({ subject }) => subject)));
      }),
    );
  });

  it('leaves nothing behind when the last one has ended', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { state, loads } = play(history);
        const ended = loads.reduce((left, { load }) => endLoad(left, load), state);
        expect([ended.loads, ended.applied]).toEqual([[], []]);
      }),
    );
  });
});

describe('a fence', () => {
  const member = { id: 'first', leaseMs: 100, isCovered: false };

  it('waits for who neither covers the change nor has confirmed it', () => {
    expect(isAwaited(member, new Set(['second']))).toBe(true);
    expect(isAwaited(member, new Set(['first']))).toBe(false);
    expect(isAwaited({ ...member, isCovered: true }, new Set())).toBe(false);
  });

  it('hears from registrations with a valid lease alone', () => {
    expect(confirmingId(REGISTERED, at(1_050))).toBe('first');
    expect(confirmingId(REGISTERED, at(1_100))).toBeUndefined();
    expect(confirmingId({ ...REGISTERED, lease: undefined }, at(1_050))).toBeUndefined();
    expect(confirmingId(UNREGISTERED, at(1_050))).toBeUndefined();
  });
});

type Event =
  | { readonly kind: 'begin' | 'end' }
  | { readonly kind: 'apply'; readonly xid: Xid; readonly subject: Subject };

/** Loads begin and end, the oldest or the newest first, and invalidations are applied. */
const histories = fc.array(
  fc.oneof(
    fc.constantFrom<Event>({ kind: 'begin' }, { kind: 'end' }),
    fc.record({
      kind: fc.constant('apply' as const),
      xid: fc.bigInt({ min: 1n, max: 10n }),
      subject: fc.constantFrom(TOKEN, 'tkn_2' as Subject, 'creation' as const),
    }),
  ),
);

interface Played {
  readonly state: ReplicaState;
  /** Those that have not ended, the oldest first. */
  readonly loads: readonly { readonly load: Load; readonly appliedSince: readonly Applied[] }[];
}

interface Applied {
  readonly xid: Xid;
  readonly subject: Subject;
}

function play(history: readonly Event[]): Played {
  return history.reduce<Played>(
    ({ state, loads }, event, index) => {
      if (event.kind === 'begin') {
        const next = begun(state);
        return { state: next.state, loads: [...loads, { load: next.load, appliedSince: [] }] };
      }
      if (event.kind === 'apply') {
        const noted = loads.map((each) => ({ ...each, appliedSince: [...each.appliedSince, event] }));
        return { state: apply(state, [event]), loads: noted };
      }
      const ended = loads.at(index % 2 === 0 ? 0 : -1);
      if (ended === undefined) return { state, loads };
      return { state: endLoad(state, ended.load), loads: loads.filter((each) => each !== ended) };
    },
    { state: REGISTERED, loads: [] },
  );
}

function begun(state: ReplicaState): { readonly state: ReplicaState; readonly load: Load } {
  const load = beginLoad(state);
  if (load === undefined) throw new Error('not registered');
  return load;
}
