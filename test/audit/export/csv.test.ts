import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRow } from '../../../src/audit/export/csv.ts';
import { createTestDatabase } from '../../support/database.ts';
import { appendAll, newEvent, newKeyId, newTokenId, newWorkspaceId, openTestPool, query } from '../log.ts';
import { exportBytes, exportDeps } from './world.ts';

/** RFC 4180, read strictly: rows end in CR LF, quotes are doubled inside quotes, nothing else is special. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const cell = /"((?:[^"]|"")*)"|[^",\r\n]*/y;
    cell.lastIndex = at;
    const match = cell.exec(text);
    if (match === null) throw new Error(`no cell at ${at}`);
    row.push(match[1] === undefined ? match[0] : match[1].replaceAll('""', '"'));
    at += match[0].length;
    if (text.startsWith('\r\n', at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else if (text[at] === ',') {
      at += 1;
    } else {
      throw new Error(`neither a comma nor an end at ${at}`);
    }
  }
  return rows;
}

const undefuse = (cell: string) => (cell.startsWith("'") ? cell.slice(1) : cell);

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        '\r\n',
        '"',
        ',',
        "'",
        ';',
        '\u2028',
        '＝',
        '=HYPERLINK("x")',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('a row', () => {
  it('holds what it was given, whatever that is', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 8 }), (cells) => {
        expect(parseCsv(formatRow(cells)).map((row) => row.map(undefuse))).toEqual([cells]);
      }),
    );
  });

  it('has no cell that a spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [[cell = '']] = parseCsv(formatRow([text])) as [string[]];
        expect(cell).not.toMatch(/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/);
      }),
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ["'quoted", "''quoted"],
    ['a,b', '"a,b"'],
    ['a "b"', '"a ""b"""'],
    ['=a,"b"', '"\'=a,""b"""'],
    [null, ''],
    [7, '7'],
    [false, 'false'],
  ])('writes %j as %s', (value, expected) => {
    expect(formatRow([value])).toBe(`${expected}\r\n`);
  });
});

describe('an export', () => {
  it('has a header and a row for each event, with what the API shows of it', async () => {
    const db = openTestPool((await createTestDatabase()).app);
    const workspaceId = newWorkspaceId();
    await appendAll(
      db,
      newEvent(workspaceId, {
        actor: { type: 'api_key', id: newKeyId(), name: '=cmd|"/c calc"!A1' },
        targets: [
          { type: 'token', id: newTokenId(), name: 'one,\r\ntwo' },
          { type: 'scope', id: 'invoices:read', name: null },
        ],
        note: 'she said "so"',
        changes: [{ field: 'name', old: 'a', new: '=b', isPersonal: true }],
      }),
      newEvent(workspaceId, { request: null, targets: [], outcome: 'denied', reason: 'no' }),
    );
    const text = (await exportBytes(exportDeps(db), { workspaceId, format: 'csv' })).toString('utf8');
    const [headings = [], ...rows] = parseCsv(text);
    const { events } = await query(db, { workspaceId, environment: 'live' }, {}, { order: 'asc' });
    const shown = rows.map((row) => Object.fromEntries(row.map((cell, n) => [headings[n], undefuse(cell)])));
    expect(shown).toHaveLength(2);
    for (const [n, row] of shown.entries()) {
      const event = events[n];
      expect(row).toMatchObject({
        leaf_index: String(n),
        leaf_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        id: event?.id,
        occurred_at: event?.occurred_at,
        outcome: event?.outcome,
        reason: event?.reason ?? '',
        note: event?.note ?? '',
        actor_name: event?.actor.name,
        target_name: event?.targets[0]?.name ?? '',
        source_ip: event?.source?.ip ?? '',
        redacted: 'false',
      });
    }
    expect(JSON.parse(shown[0]?.more_targets ?? '')).toEqual(events[0]?.targets.slice(1));
    expect(JSON.parse(shown[0]?.changes ?? '')).toEqual(events[0]?.changes);
    expect(text).not.toMatch(/(^|,|\n)"?=/);
  });
});
