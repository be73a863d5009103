import { describe, expect, test } from 'vitest';
import { checkpointText, newTestKey, signLines, testEvent, writeExport } from './export-writer.ts';
import { keep, verifyBytes, verifyLines } from './verify.ts';

const key = newTestKey('log.example/logs/ws_1');
const events = Array.from({ length: 600 }, (_, n) => testEvent(n));
const few = events.slice(0, 7);

const codeOf = (lines: readonly string[], expectations = {}) =>
  verifyLines(key.verifierKey, lines, expectations).damage?.code ?? null;

describe('an export that is as the format says holds', () => {
  test.each([0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 600])('of a log with %i leaves', (size) => {
    const lines = writeExport({ key, events: events.slice(0, size) });
    const verdict = verifyLines(key.verifierKey, lines);
    expect(verdict.damage).toBeNull();
    expect(verdict.counts).toMatchObject({ records: size, redacted: 0, gaps: 0, hidden: 0 });
    expect(verdict.checkpoint?.size).toBe(size);
  });

  test('of any part of a log', () => {
    for (let first = 0; first <= 9; first += 1) {
      for (let end = first; end <= 9; end += 1) {
        expect(codeOf(writeExport({ key, events: events.slice(0, 9), first, end }))).toBeNull();
      }
    }
    for (const [first, end] of [
      [0, 256],
      [1, 257],
      [255, 513],
      [256, 512],
      [300, 301],
      [257, 600],
    ] as const) {
      expect(codeOf(writeExport({ key, events, first, end }))).toBeNull();
    }
  });

  test('with any leaves left out', () => {
    for (let mask = 0; mask < 128; mask += 1) {
      const isHidden = (n: number) => (mask & (1 << n)) !== 0;
      const verdict = verifyLines(
        key.verifierKey,
        writeExport({ key, events: few, isHidden, filters: { action: ['x'] } }),
      );
      expect(verdict.damage).toBeNull();
    }
    const patterns: ((n: number) => boolean)[] = [
      () => true,
      (n) => n < 256,
      (n) => n >= 256,
      (n) => n >= 100 && n < 590,
      (n) => n % 2 === 0,
      (n) => n !== 300,
      (n) => n % 256 !== 255,
    ];
    for (const isHidden of patterns) {
      const lines = writeExport({ key, events, isHidden, filters: { action: ['x'] } });
      const verdict = verifyLines(key.verifierKey, lines);
      expect(verdict.damage).toBeNull();
      expect(verdict.counts?.hidden).toBe(events.filter((_, n) => isHidden(n)).length);
    }
  });

  test('with personal data erased, which is counted', () => {
    const erased = [
      testEvent(0, { erased: ['actor'] }),
      testEvent(1),
      testEvent(2, { erased: ['source', 'target/0'] }),
    ];
    const verdict = verifyLines(key.verifierKey, writeExport({ key, events: erased }));
    expect(verdict.damage).toBeNull();
    expect(verdict.counts?.redacted).toBe(2);
  });

  test('with line ends of other alphabets written as escapes', () => {
    const lines = writeExport({ key, events: few }).slice(0, -1);
    const escaped = lines.map((line) => line.replaceAll('\u2028', '\\u2028'));
    expect(escaped).not.toEqual(lines);
    expect(codeOf(signLines(key, escaped, { first: 0, end: 7 }))).toBeNull();
  });

  test('with records of introspections', () => {
    const batch = [testEvent(0, { records: ['{"a":1}', '{"a":2}', '{"a":3}'] })];
    expect(codeOf(writeExport({ key, events: batch }))).toBeNull();
  });
});

describe('a line', () => {
  const lines = writeExport({ key, events });

  test('that is taken out is missed', () => {
    for (const at of [1, 2, 100, 255, 256, 258, 600]) {
      const { damage, damagedIn } = verifyLines(key.verifierKey, lines.toSpliced(at, 1));
      expect([at, damage?.code]).toEqual([at, 'removed_record']);
      expect(damage?.leaves?.first).toBe(Number(/"(?:leaf_index|first)":(\d+)/.exec(lines[at] ?? '')?.[1]));
      expect(damagedIn).toBe('export');
    }
  });

  test('that is there twice is found', () => {
    for (const at of [1, 2, 100, 255, 256, 258]) {
      expect([at, codeOf(lines.toSpliced(at, 0, lines[at] ?? ''))]).toEqual([at, 'duplicated_record']);
    }
  });

  test('that repeats one from long ago is found', () => {
    expect(codeOf(lines.toSpliced(590, 0, lines[1] ?? ''))).toBe('duplicated_record');
  });

  test('that changes places with another is found, next to it or far away', () => {
    for (const [one, other] of [
      [1, 2],
      [1, 100],
      [100, 500],
      [255, 256],
      [599, 601],
    ] as const) {
      const swapped = lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
      const { damage } = verifyLines(key.verifierKey, swapped);
      expect([one, damage?.code, damage?.line]).toEqual([one, 'reordered_record', one + 1]);
    }
  });

  test('that is put in is found', () => {
    const other = writeExport({ key, events: events.with(4, testEvent(77)) });
    expect(codeOf(lines.toSpliced(6, 0, other[5] ?? ''))).toBe('inserted_record');
  });

  test('that is the last, and the manifest, is missed', () => {
    expect(codeOf(lines.slice(0, -1))).toBe('truncated');
    expect(codeOf(lines.slice(0, 100))).toBe('truncated');
    expect(codeOf([])).toBe('truncated');
  });

  test('after the manifest is found', () => {
    expect(codeOf([...lines, ''])).toBe('trailing_data');
    expect(codeOf([...lines, ...lines])).toBe('trailing_data');
  });
});

describe('the service itself cannot sign', () => {
  const resign = (lines: readonly string[], range = { first: 0, end: 600 }) =>
    signLines(key, lines.slice(0, -1), range);

  test('a leaf changed together with its hash: its tile does not fit', () => {
    const honest = writeExport({ key, events });
    const forged = writeExport({ key, events: events.with(300, forge(300)) });
    const mixed = resign(honest.with(302, forged[302] ?? ''));
    const { damage, damagedIn } = verifyLines(key.verifierKey, mixed);
    expect(damage).toMatchObject({ code: 'edited_event', leaves: { first: 256, end: 512 } });
    expect(damagedIn).toBe('log');
  });

  test('a leaf changed together with its hash and its tile: the root does not fit', () => {
    const honest = writeExport({ key, events });
    const forged = writeExport({ key, events: events.with(300, forge(300)) });
    const mixed = resign([honest[0] ?? '', ...forged.slice(1)]);
    expect(verifyLines(key.verifierKey, mixed)).toMatchObject({ damage: { code: 'wrong_root' }, damagedIn: 'log' });
  });

  test('two leaves that changed places, with their numbers', () => {
    const honest = writeExport({ key, events });
    const swapped = events.with(300, shownAt(301, 300)).with(301, shownAt(300, 301));
    const forged = writeExport({ key, events: swapped });
    const mixed = resign(honest.with(302, forged[302] ?? '').with(303, forged[303] ?? ''));
    expect(verifyLines(key.verifierKey, mixed).damage).toMatchObject({
      code: 'reordered_record',
      leaves: { first: 300, end: 302 },
    });
    const small = events.slice(0, 20);
    const smallForged = writeExport({ key, events: small.with(3, shownAt(17, 3)).with(17, shownAt(3, 17)) });
    const smallMixed = resign([writeExport({ key, events: small })[0] ?? '', ...smallForged.slice(1)], {
      first: 0,
      end: 20,
    });
    expect(verifyLines(key.verifierKey, smallMixed).damage).toMatchObject({
      code: 'reordered_record',
      leaves: { first: 3 },
    });
  });

  test('a tile that is not that of its leaves', () => {
    const honest = writeExport({ key, events });
    const tile = JSON.parse(honest[257] ?? '') as { hash: string };
    const edited = JSON.stringify({ ...tile, hash: Buffer.alloc(32).toString('base64') });
    const { damage } = verifyLines(key.verifierKey, resign(honest.with(257, edited)));
    expect(damage).toMatchObject({ code: 'edited_tile', line: 258, leaves: { first: 0, end: 256 } });
  });

  test('hashes in place of events in an export without filters', () => {
    expect(codeOf(writeExport({ key, events, isHidden: (n) => n === 5 }))).toBe('removed_record');
  });

  function forge(n: number) {
    const { leaf, ...event } = events[n] ?? testEvent(n);
    return {
      ...event,
      leaf: leaf.replace('"outcome":"success"', '"outcome":"failure"'),
      shown: { ...event.shown, outcome: 'failure' },
    };
  }

  function shownAt(n: number, place: number) {
    const event = events[n] ?? testEvent(n);
    return { ...event, shown: { ...event.shown, leaf_index: place } };
  }
});

describe('a checkpoint that was kept', () => {
  const noteOf = (some: typeof events) => key.sign(checkpointText(key.name, some));

  test('of any size belongs to a log that has only grown', () => {
    const lines = writeExport({ key, events: few });
    for (let size = 0; size <= few.length; size += 1) {
      expect(codeOf(lines, { kept: [noteOf(few.slice(0, size))] })).toBeNull();
    }
    expect(
      codeOf(writeExport({ key, events, first: 256 }), {
        kept: [256, 300, 600].map((n) => noteOf(events.slice(0, n))),
      }),
    ).toBeNull();
  });

  test('of the same size with another root shows a fork', () => {
    expect(codeOf(writeExport({ key, events: few }), { kept: [noteOf(few.with(2, testEvent(50)))] })).toBe('forked');
  });

  test('of a larger size shows that events were cut off', () => {
    expect(codeOf(writeExport({ key, events: few }), { kept: [noteOf(events.slice(0, 8))] })).toBe('rolled_back');
  });

  test('of a smaller size with another past shows that it was rewritten', () => {
    const { damage } = verifyLines(key.verifierKey, writeExport({ key, events: few }), {
      kept: [noteOf([testEvent(50)])],
    });
    expect(damage).toMatchObject({ code: 'inconsistent_history', leaves: { first: 0, end: 1 } });
  });

  test('of a size that the records do not tell takes a proof', () => {
    const kept = [noteOf(events.slice(0, 3))];
    const part = { key, events, first: 10 };
    expect(codeOf(writeExport(part), { kept })).toBe('unchecked_history');
    expect(codeOf(writeExport({ ...part, previous: 2 }), { kept })).toBe('unchecked_history');
    expect(codeOf(writeExport({ ...part, previous: 3 }), { kept })).toBeNull();
    expect(codeOf(writeExport({ ...part, previous: 3 }), { kept: [noteOf(events.slice(1, 4))] })).toBe(
      'inconsistent_history',
    );
    const hidden = { key, events, isHidden: (n: number) => n > 1 && n < 9, filters: { action: ['x'] } };
    // What cannot be told is nobody's doing.
    expect(verifyLines(key.verifierKey, writeExport(hidden), { kept })).toMatchObject({
      damage: { code: 'unchecked_history' },
      damagedIn: null,
    });
    expect(codeOf(writeExport({ ...hidden, previous: 3 }), { kept })).toBeNull();
  });
});

describe('a checkpoint from before the log began anew', () => {
  const reopened = newTestKey(`${key.name}/2`);
  const again = newTestKey(`${key.name}/3`);
  const lines = writeExport({ key: reopened, events: few });
  const verify = (some: typeof events, previousKeys = [key.verifierKey]) =>
    verifyLines(reopened.verifierKey, lines, { kept: [key.sign(checkpointText(key.name, some))], previousKeys });

  test('belongs to a log that goes on from it, of any size', () => {
    for (let size = 0; size <= few.length; size += 1) expect(verify(few.slice(0, size)).damage).toBeNull();
    const part = writeExport({ key: reopened, events, first: 10, previous: 3 });
    const kept = [key.sign(checkpointText(key.name, events.slice(0, 3)))];
    expect(verifyLines(reopened.verifierKey, part, { kept, previousKeys: [key.verifierKey] }).damage).toBeNull();
  });

  test('shows what was lost or changed, and says that it is from before', () => {
    const found = expect.stringMatching(/It is of the log before its new beginning/);
    expect(verify(events.slice(0, 8)).damage).toMatchObject({ code: 'rolled_back', found });
    expect(verify(few.with(2, testEvent(50))).damage).toMatchObject({ code: 'forked', found });
    expect(verify([testEvent(50)]).damage).toMatchObject({ code: 'inconsistent_history', found });
  });

  test('is opened by the key that its name belongs to, whichever comes first', () => {
    expect(verify(few, [newTestKey('log.example/logs/ws_2').verifierKey, key.verifierKey]).damage).toBeNull();
    expect(() =>
      keep(reopened.verifierKey, key.sign(checkpointText(key.name, few)), [newTestKey(key.name).verifierKey]),
    ).toThrow('not by the key given for it');
  });

  test('asks for its key, unlike one of another log', () => {
    for (const one of [reopened, again]) {
      expect(() => keep(one.verifierKey, key.sign(checkpointText(key.name, few)))).toThrow('--previous-key');
    }
    for (const name of ['log.example/logs/ws_2', again.name, 'log.example']) {
      const other = newTestKey(name);
      expect(() => keep(reopened.verifierKey, other.sign(checkpointText(name, few)))).toThrow('No signature is by');
    }
  });
});

test('a file without a line is said to be empty', () => {
  expect(verifyBytes(key.verifierKey, Buffer.of()).damage).toMatchObject({
    code: 'truncated',
    line: null,
    found: expect.stringContaining('empty'),
  });
});

describe('the key', () => {
  const lines = writeExport({ key, events: few });

  test('that is another one under the same name is told', () => {
    expect(verifyLines(newTestKey(key.name).verifierKey, lines).damage?.code).toBe('unknown_key');
  });

  test('of another name is told', () => {
    expect(verifyLines(newTestKey('other.example/logs/ws_1').verifierKey, lines).damage?.code).toBe('wrong_name');
  });

  test('that the file names is never believed', () => {
    const forger = newTestKey(key.name);
    expect(verifyLines(key.verifierKey, writeExport({ key: forger, events: few })).damage?.code).toBe('unknown_key');
  });
});

describe('witnesses', () => {
  const witnesses = [newTestKey('w1.example', 4), newTestKey('w2.example', 4)];
  const keys = witnesses.map(({ verifierKey }) => verifierKey);

  test('that have cosigned are counted', () => {
    const lines = writeExport({ key, events: few, witnesses });
    const verdict = verifyLines(key.verifierKey, lines, { witnesses: keys });
    expect(verdict.damage).toBeNull();
    expect(verdict.cosignatures).toEqual([
      { witness: 'w1.example', timestamp: 1_800_000_000 },
      { witness: 'w2.example', timestamp: 1_800_000_001 },
    ]);
  });

  test('that have not are missed, unless fewer are required', () => {
    const lines = writeExport({ key, events: few, witnesses: witnesses.slice(0, 1) });
    expect(codeOf(lines, { witnesses: keys })).toBe('missing_witness');
    expect(codeOf(lines, { witnesses: keys, witnessesRequired: 1 })).toBeNull();
  });

  test('whose cosignature is of another checkpoint are not believed', () => {
    const other = writeExport({ key, events: events.slice(0, 8), witnesses });
    const cosignature = /— w1\.example [^\\]*\\n/.exec(other[0] ?? '')?.[0] ?? '';
    const lines = writeExport({ key, events: few });
    const forged = (lines[0] ?? '').replace('","before"', `${cosignature}","before"`);
    expect(codeOf(lines.with(0, forged), { witnesses: keys, witnessesRequired: 0 })).toBe('bad_signature');
  });
});
