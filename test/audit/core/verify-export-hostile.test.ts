import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/audit/core/split-lines.ts';
import { newTestKey, signLines, testEvent, writeExport } from './export-writer.ts';
import { verifyBytes, verifyLines } from './verify.ts';

const key = newTestKey('log.example/logs/ws_1');
const events = [
  testEvent(0),
  testEvent(1, { erased: ['actor'] }),
  testEvent(2, { records: ['{"a":1}'] }),
  testEvent(3),
];
const lines = writeExport({ key, events, isHidden: (n) => n === 3, filters: { action: ['token.*'] } });
const [header = '', first = '', second = '', third = '', gap = ''] = lines;
const range = { first: 0, end: 4 };

const codeOf = (some: readonly string[]) => verifyLines(key.verifierKey, some).damage?.code ?? null;
/** As if the service had written these lines and signed them. */
const signed = (...some: string[]) => codeOf(signLines(key, some, range));
const edit = (line: string, change: (value: Record<string, unknown>) => object) =>
  JSON.stringify(change(JSON.parse(line) as Record<string, unknown>));

/** Of two leaves, one of them left out. */
const small = writeExport({
  key,
  events: events.slice(0, 2),
  isHidden: (n) => n === 0,
  filters: { action: ['token.*'] },
});
const smallBytes = Buffer.from(small.map((line) => `${line}\n`).join(''));

test('no byte of an export can be changed, put in or taken out', () => {
  expect(verifyBytes(key.verifierKey, smallBytes).damage).toBeNull();
  const manifestAt = smallBytes.lastIndexOf('{"type":"manifest"');
  for (let at = 0; at < smallBytes.length; at += 1) {
    const [before, after] = [smallBytes.subarray(0, at), smallBytes.subarray(at + 1)];
    const byte = smallBytes.readUInt8(at);
    const ways = [
      Buffer.concat([before, Buffer.of(byte ^ (1 << (at % 8))), after]),
      Buffer.concat([before, after]),
      Buffer.concat([before, Buffer.from(' '), Buffer.of(byte), after]),
    ];
    // What a manifest says is signed, not how it is spaced.
    const way = at % (at >= manifestAt ? 2 : 3);
    const { damage } = verifyBytes(key.verifierKey, ways[way] ?? smallBytes);
    if (damage === null) expect.fail(`byte ${at}, way ${way}, after ${before.subarray(-20).toString()}`);
  }
}, 60_000);

test('no export can be cut off anywhere', () => {
  for (let length = 0; length < smallBytes.length; length += 5) {
    expect(verifyBytes(key.verifierKey, smallBytes.subarray(0, length)).damage).not.toBeNull();
  }
});

test.each([
  ['not JSON', '{'],
  ['empty', ''],
  ['an array', '[]'],
  ['null', 'null'],
  ['a number', '1e999'],
  ['nested deeply', '['.repeat(500_000)],
  ['an object nested deeply', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['of no known type', '{"type":"surprise"}'],
  ['of a type of a prototype', '{"type":"constructor"}'],
  ['with nothing in it', '{"type":"event"}'],
  ['with NUL', '{"type":"gap\0"}'],
  ['a header', header],
])('a line that is %s is refused', (_, line) => {
  expect(signed(header, line, second, third, gap)).toBe('damaged_line');
  if (line === header) return;
  expect(signed(line, first, second, third, gap)).toBe(/^\{"type":"\w+"/.test(line) ? 'damaged_line' : 'no_export');
});

test('a line longer than 1 MiB is refused, before all of it is read', () => {
  expect(signed(header, `{"type":"event","x":"${'x'.repeat(2 ** 20)}"}`, second)).toBe('damaged_line');
  const splitter = createLineSplitter(1000);
  let kept = 0;
  for (let n = 0; n < 100 && kept === 0; n += 1)
    for (const line of splitter.push(Buffer.alloc(64, 97))) kept = line.length;
  expect(kept).toBeGreaterThan(1000);
  expect(kept).toBeLessThan(1100);
});

test('bytes that are not UTF-8 are refused', () => {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  bytes.writeUInt8(0xff, bytes.indexOf('deploy'));
  expect(verifyBytes(key.verifierKey, bytes).damage?.code).toBe('damaged_line');
});

test.each([
  ['a member of another name', () => edit(first, (value) => ({ ...value, surprise: 1 }))],
  ['a member of a prototype', () => first.replace(',"leaf_hash"', ',"__proto__":{},"leaf_hash"')],
  ['a member that is there twice', () => first.replace(',"leaf_hash"', ',"leaf_index":0,"leaf_hash"')],
  [
    'a member of the event that is there twice',
    () => first.replace('"count":1,"first_at"', '"count":1,"count":1,"first_at"'),
  ],
  ['an index that is no whole number', () => edit(first, (value) => ({ ...value, leaf_index: 0.5 }))],
  ['an index below zero', () => edit(first, (value) => ({ ...value, leaf_index: -1 }))],
  ['an index too large to be exact', () => first.replace('"leaf_index":0', '"leaf_index":9007199254740993')],
  ['an index that is text', () => edit(first, (value) => ({ ...value, leaf_index: '0' }))],
  ['a hash that is too short', () => edit(first, (value) => ({ ...value, leaf_hash: 'AAAA' }))],
  ['openings that are a list', () => edit(first, (value) => ({ ...value, openings: [] }))],
  ['an opening that is text', () => edit(first, (value) => ({ ...value, openings: { actor: 'x' } }))],
  ['an event that is null', () => edit(first, (value) => ({ ...value, event: null }))],
])('a record with %s is refused', (_, make) => {
  const damaged = make();
  expect(damaged).not.toBe(first);
  expect(signed(header, damaged, second, third, gap)).toBe('damaged_line');
});

test.each([
  [
    'edited_event',
    'its leaf',
    () => edit(first, (value) => ({ ...value, leaf: String(value.leaf).replace('success', 'failure') })),
  ],
  [
    'edited_event',
    'its leaf, in spaces only',
    () => edit(first, (value) => ({ ...value, leaf: ` ${String(value.leaf)}` })),
  ],
  ['edited_personal_data', 'a name', () => first.replace('deploy 0\\"', 'deploy 1\\"')],
  [
    'edited_personal_data',
    'a salt',
    () =>
      edit(first, (value) => withOpening(value, (part) => ({ ...part, salt: Buffer.alloc(32).toString('base64') }))),
  ],
  [
    'edited_personal_data',
    'a salt that is too short',
    () => edit(first, (value) => withOpening(value, (part) => ({ ...part, salt: '' }))),
  ],
  [
    'edited_personal_data',
    'a subject that the leaf does not know',
    () =>
      first.replace(
        '"openings":{',
        '"openings":{"target/7":{"salt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","payload":"{}"},',
      ),
  ],
  [
    'edited_readable_event',
    'what readers see',
    () => first.replace('"outcome":"success","reason"', '"outcome":"failure","reason"'),
  ],
  [
    'edited_readable_event',
    'a member that readers see',
    () => edit(first, (value) => ({ ...value, event: { ...(value.event as object), more: 1 } })),
  ],
  ['edited_readable_event', 'a name that was erased', () => second.replace('"name":null', '"name":"Eve"')],
  [
    'edited_introspections',
    'a record of an introspection',
    () => third.replace('"records":"{\\"a\\":1}"', '"records":"{\\"a\\":2}"'),
  ],
  [
    'edited_introspections',
    'the number of records',
    () => third.replace('"records":"{\\"a\\":1}"', '"records":"{\\"a\\":1}\\n"'),
  ],
  ['edited_introspections', 'records that the leaf does not know', () => first.replace(/\}$/, ',"records":"{}"}')],
])('%s names a change of %s', (code, _, make) => {
  const damaged = make();
  expect([first, second, third]).not.toContain(damaged);
  const some = [first, second, third].map((line) => (line.slice(0, 30) === damaged.slice(0, 30) ? damaged : line));
  const verdict = verifyLines(key.verifierKey, signLines(key, [header, ...some, gap], range));
  expect(verdict.damage?.code).toBe(code);
  expect(verdict.damage?.leaves).not.toBeNull();
  expect(verdict.damage?.eventId).toMatch(/^evt_/);
});

test.each([
  ['whose hashes are too few', () => edit(gap, (value) => ({ ...value, hashes: [] })), 'damaged_line'],
  ['whose hash is none', () => edit(gap, (value) => ({ ...value, hashes: ['x'] })), 'damaged_line'],
  ['without leaves', () => edit(gap, (value) => ({ ...value, end: 3, hashes: [] })), 'damaged_line'],
  ['that goes on after the end', () => edit(gap, (value) => ({ ...value, end: 2 ** 53 - 1 })), 'inserted_record'],
  [
    'of another hash',
    () => edit(gap, (value) => ({ ...value, hashes: [Buffer.alloc(32).toString('base64')] })),
    'wrong_root',
  ],
])('a gap %s is refused', (_, make, code) => {
  expect(signed(header, first, second, third, make())).toBe(code);
});

test.each([
  ['a range that ends before it begins', { first: 3, end: 2 }, 'damaged_line'],
  ['a range beyond the checkpoint', { end: 5 }, 'damaged_line'],
  ['hashes before the first leaf', { before: [Buffer.alloc(32).toString('base64')] }, 'damaged_line'],
  ['another origin', { origin: 'other.example' }, 'wrong_name'],
  ['another version', { version: 2 }, 'damaged_line'],
  ['no checkpoint', { checkpoint: 'x' }, 'malformed_checkpoint'],
])('a header with %s is refused', (_, change, code) => {
  expect(
    signed(
      edit(header, (value) => ({ ...value, ...change })),
      first,
      second,
      third,
      gap,
    ),
  ).toBe(code);
});

test('a file that never ends is not read for ever', () => {
  const lines = writeExport({ key, events });
  let read = 0;
  const endless = lines.with(2, '{}').slice(0, -1);
  for (let n = 0; n < 10_000; n += 1) endless.push('{}');
  const verdict = verifyLines(key.verifierKey, endless);
  read = verdict.lines;
  expect(verdict.damage?.code).toBe('damaged_line');
  expect(read).toBeLessThan(200);
});

test('nothing in a description of damage comes from the file but numbers and ids', () => {
  const evil = first.replace(/"id":"evt_\w+","schema_version"/, '"id":"\\u001b[2J","schema_version"');
  expect(evil).not.toBe(first);
  const verdict = verifyLines(key.verifierKey, signLines(key, [header, evil, second, third, gap], range));
  expect(verdict.damage).toMatchObject({ code: 'edited_readable_event', eventId: null });
  expect(JSON.stringify(verdict.damage)).not.toContain('u001b');
});

function withOpening(value: Record<string, unknown>, change: (part: object) => object): object {
  const openings = value.openings as Record<string, object>;
  return { ...value, openings: { ...openings, actor: change(openings.actor ?? {}) } };
}
