import { describe, expect, it } from 'vitest';
import { findViolations } from './checker.ts';
import type { Operation } from './history.ts';

/** An operation from `sentMs` to `receivedMs`. */
const at = (sentMs: number, receivedMs: number, rest: Partial<Operation>): Operation => ({
  kind: 'test',
  replica: 0,
  outcome: 'done',
  answer: '200',
  sentMs,
  receivedMs,
  ...rest,
});

const given = at(0, 10, { gives: ['secret', 'token'] });
const revoked = at(100, 120, { takes: [{ right: 'token' }] });
const inDoubt = at(100, 120, { outcome: 'unknown', answer: '503', takes: [{ right: 'token' }] });
const kindsIn = (...history: Operation[]) => findViolations(history).map(({ kind }) => kind);

const active = (sentMs: number, receivedMs = sentMs + 5) => at(sentMs, receivedMs, { shows: ['secret', 'token'] });
const inactive = (sentMs: number, receivedMs = sentMs + 5) => at(sentMs, receivedMs, { denies: [['secret', 'token']] });

describe('an old right', () => {
  it('is one that is shown to a request sent after the taking call has answered', () => {
    expect(kindsIn(given, revoked, active(121))).toEqual(['old right']);
    const [violation] = findViolations([given, revoked, active(121)]);
    expect(violation).toMatchObject({ rights: ['token'], taking: revoked });
  });

  it('is none when the request was sent before the taking call had answered, however late its own answer', () => {
    expect(kindsIn(given, revoked, active(119, 500))).toEqual([]);
  });

  it('is none when the taking call was refused, or when nobody knows what became of it', () => {
    expect(kindsIn(given, { ...revoked, outcome: 'refused' }, active(130))).toEqual([]);
    expect(kindsIn(given, inDoubt, active(130))).toEqual([]);
  });

  it('is one again once a retry has settled what was in doubt', () => {
    const retried = at(130, 150, { takes: [{ right: 'token' }] });
    expect(kindsIn(given, inDoubt, retried, active(140))).toEqual([]);
    expect(kindsIn(given, inDoubt, retried, active(151))).toEqual(['old right']);
  });

  it('is found whichever comes first in the record', () => {
    expect(kindsIn(active(121), revoked, given)).toEqual(['old right']);
  });

  it('may outlive its own end by a second, and the call that set the end by nothing', () => {
    const ending = at(100, 120, { takes: [{ right: 'token', endsMs: 5_000 }] });
    expect(kindsIn(given, ending, active(5_900))).toEqual([]);
    expect(kindsIn(given, ending, active(6_001))).toEqual(['old right']);
    const endedBefore = at(100, 120, { takes: [{ right: 'token', endsMs: -5_000 }] });
    expect(kindsIn(given, endedBefore, active(121))).toEqual(['old right']);
  });

  it('is taken by the first of several calls that take it', () => {
    const again = at(200, 220, { takes: [{ right: 'token' }] });
    expect(kindsIn(given, again, revoked, active(130))).toEqual(['old right']);
  });
});

describe('a lost right', () => {
  it('is one that is denied although nothing has begun to take it', () => {
    expect(kindsIn(given, inactive(50))).toEqual(['lost right']);
    expect(kindsIn(given, revoked, inactive(50, 99))).toEqual(['lost right']);
  });

  it('is none once a call has been sent that takes it, done or in doubt', () => {
    expect(kindsIn(given, revoked, inactive(50, 101))).toEqual([]);
    expect(kindsIn(given, inDoubt, inactive(300))).toEqual([]);
  });

  it('is none when one of the rights that the answer may deny is gone', () => {
    const rotated = at(100, 120, { takes: [{ right: 'secret' }] });
    expect(kindsIn(given, rotated, inactive(130))).toEqual([]);
  });

  it('is one when the call that would have taken it was refused', () => {
    expect(kindsIn(given, { ...revoked, outcome: 'refused' }, inactive(130))).toEqual(['lost right']);
  });

  it('is none while the call that gives it has not answered', () => {
    expect(kindsIn(given, inactive(5, 8))).toEqual([]);
    expect(kindsIn({ ...given, outcome: 'unknown' }, inactive(50))).toEqual([]);
  });

  it('may go a second before its own end', () => {
    const ending = at(100, 120, { takes: [{ right: 'token', endsMs: 5_000 }] });
    expect(kindsIn(given, ending, inactive(3_900))).toEqual(['lost right']);
    expect(kindsIn(given, ending, inactive(4_001))).toEqual([]);
  });

  it('is none when another call at the same time may have taken it', () => {
    const other = at(100, 120, { mayTake: ['token'] });
    expect(kindsIn(given, other, inactive(130))).toEqual([]);
    expect(kindsIn(given, other, active(130))).toEqual([]);
  });

  it('is judged for every group that an answer denies', () => {
    const narrowed = at(50, 60, { shows: ['token'], denies: [['secret'], ['token', 'secret']] });
    expect(kindsIn(given, narrowed)).toEqual(['lost right', 'lost right']);
  });
});

describe('a right that was never given', () => {
  it('is one that nobody had asked for when the answer came', () => {
    expect(kindsIn(at(0, 5, { shows: ['stranger'] }))).toEqual(['never given']);
    expect(kindsIn(given, at(-20, -1, { shows: ['token'] }))).toEqual(['never given']);
    expect(kindsIn({ ...given, outcome: 'refused' }, active(50))).toEqual(['never given', 'never given']);
  });

  it('is none when the call that gives it is under way', () => {
    expect(kindsIn(given, active(2, 8))).toEqual([]);
  });
});

it('a history without operations has no violation', () => {
  expect(findViolations([])).toEqual([]);
});
