import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { servedNote } from '../../../src/audit/checkpoints/checkpoints.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../../src/audit/hashing.ts';
import { newTestKey } from '../core/export-writer.ts';
import { verifyLines } from '../core/verify.ts';
import { scratchDirectory, signAll } from '../evidence.ts';
import { appendAll } from '../log.ts';
import { anEvent, db, evidence, exportLines, newLog } from './world.ts';

const log = await newLog(300, [100, 300]);
const lines = await exportLines(log);
const codeOf = (some: readonly string[], key = log.verifierKey) => verifyLines(key, some).damage?.code ?? null;

describe('a real export', () => {
  test('holds', () => {
    expect(codeOf(lines)).toBeNull();
  });

  test('with a line removed does not', () => {
    for (const at of [1, 50, 256, 257, 258, lines.length - 2])
      expect(codeOf(lines.toSpliced(at, 1))).toBe('removed_record');
    expect(codeOf(lines.slice(1))).toBe('damaged_line');
    expect(codeOf(lines.slice(0, -1))).toBe('truncated');
  });

  test.each(['leaf_index,leaf_hash,id', '{"class_uid":3004}', '\ufffd'])('is not what begins with %s', (first) => {
    expect(codeOf([first, ...lines.slice(1)])).toBe('no_export');
    expect(codeOf([lines[0] ?? '', first, ...lines.slice(2)])).toBe('damaged_line');
  });

  test('with a line added does not', () => {
    expect(codeOf(lines.toSpliced(60, 0, lines[50] ?? ''))).toBe('duplicated_record');
  });

  test('with lines in another order does not', () => {
    expect(codeOf(lines.with(20, lines[21] ?? '').with(21, lines[20] ?? ''))).toBe('reordered_record');
  });

  test('with a record edited does not, and the record is named', () => {
    const record = JSON.parse(lines[40] ?? '') as { leaf: string; event: { id: string } };
    const edited = JSON.stringify({ ...record, leaf: record.leaf.replace('token.created', 'token.updated') });
    const { damage, damagedIn } = verifyLines(log.verifierKey, lines.with(40, edited));
    expect(damage).toMatchObject({ code: 'edited_event', line: 41, eventId: record.event.id, leaves: { first: 39 } });
    expect(damagedIn).toBe('export');
  });

  test('with its filters edited does not', () => {
    const header = lines[0]?.replace('"filters":{}', '"filters":{"outcome":["denied"]}') ?? '';
    expect(header).not.toBe(lines[0]);
    expect(codeOf(lines.with(0, header))).toBe('bad_manifest');
  });

  test('under a key that was replaced, or another name, does not', () => {
    const { name } = parseVerifierKey(sha256, log.verifierKey);
    expect(codeOf(lines, newTestKey(name).verifierKey)).toBe('unknown_key');
    expect(codeOf(lines, newTestKey('elsewhere.example/logs/x').verifierKey)).toBe('wrong_name');
  });

  test('signed with another type byte does not', () => {
    const key = parseVerifierKey(sha256, log.verifierKey);
    const id = sha256(Buffer.concat([Buffer.from(`${key.name}\n`), Buffer.of(4), key.publicKey])).subarray(0, 4);
    const header = (JSON.parse(lines[0] ?? '') as { checkpoint: string }) ?? {};
    const checkpoint = header.checkpoint.replace(/(— \S+ )(\S+)/, (_, start: string, encoded: string) => {
      const signature = Buffer.from(encoded, 'base64').subarray(4);
      return start + Buffer.concat([id, signature]).toString('base64');
    });
    expect(codeOf(lines.with(0, JSON.stringify({ ...header, checkpoint })))).toBe('wrong_key_type');
  });
});

describe('the command', () => {
  const directory = scratchDirectory();
  const write = (name: string, content: string | Buffer) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const damaged = Buffer.from(
    whole.toString('utf8').replaceAll('"outcome":"success","reason"', '"outcome":"failure","reason"'),
  );
  const file = write('export.ndjson', whole);

  test('needs neither environment nor database, and ends with 0 for an export that holds', async () => {
    const run = await verify([file, '--key', log.verifierKey]);
    expect(run).toMatchObject({ code: 0, stderr: 'All of it holds.\n' });
    expect(run.stdout).toMatch(/^result +holds\n/);
  });

  test('takes gzip and standard input', async () => {
    const packed = write('export.gz', gzipSync(whole));
    expect((await verify([packed, '--key', log.verifierKey])).code).toBe(0);
    expect((await verify(['-', '--key', log.verifierKey], gzipSync(whole))).code).toBe(0);
    expect((await verify(['-', '--key', log.verifierKey], whole)).code).toBe(0);
    const cut = write('cut.gz', gzipSync(whole).subarray(0, -100));
    expect(await verify([cut, '--key', log.verifierKey])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^truncated/),
    });
  });

  test('ends with 1 for one that does not hold, and names line and event', async () => {
    const path = write('damaged.ndjson', damaged);
    const run = await verify([path, '--key', log.verifierKey]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^edited_readable_event \(line 2, evt_\w{26}\): /);
    expect(run.stderr).toContain('The lines are not those that the service signed');
    const json = JSON.parse((await verify([path, '--key', log.verifierKey, '--json'])).stdout) as object;
    expect(json).toMatchObject({
      holds: false,
      damaged_in: 'export',
      damage: { code: 'edited_readable_event', line: 2, first_leaf: 0 },
    });
  });

  test('compares with checkpoints that were kept', async () => {
    const previous = write('now', servedNote(await signAll(evidence, db, log.workspaceId)));
    await appendAll(db, anEvent(log.workspaceId));
    const later = write('later', servedNote(await signAll(evidence, db, log.workspaceId)));
    const grown = write('grown.ndjson', (await exportLines(log)).map((line) => `${line}\n`).join(''));
    expect((await verify([grown, '--key', log.verifierKey, '--previous', previous, '--previous', later])).code).toBe(0);
    const run = await verify([file, '--key', log.verifierKey, '--previous', later]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/^rolled_back/) });
  });

  test.each([
    [['--key', log.verifierKey], 'name the export'],
    [[file], '--key is missing'],
    [[file, '--key', 'nonsense'], 'no verifier key'],
    [[file, '--key', newTestKey('w.example', 4).verifierKey], 'the key of a witness'],
    [[file, '--key', log.verifierKey, '--witness', log.verifierKey], 'not cosignatures'],
    [[file, '--key', log.verifierKey, '--witnesses-required', '1'], 'keys of 0 witnesses'],
    [[join(directory, 'none'), '--key', log.verifierKey], 'there is no such file'],
    [[directory, '--key', log.verifierKey], 'it is a directory'],
    [[file, '--key', log.verifierKey, '--previous', join(directory, 'none')], 'there is no such file'],
    [[file, '--live'], 'either an export or --live'],
  ])('ends with 2 for %j', async (args, message) => {
    const run = await verify(args);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});

const MAIN = new URL('../../../src/cli/main.ts', import.meta.url).pathname;
const TSX = import.meta.resolve('tsx');

/** Runs the command as its users do, with an empty environment. */
async function verify(args: readonly string[], input: Buffer = Buffer.alloc(0)) {
  const child = spawn(process.execPath, ['--import', TSX, MAIN, 'audit', 'verify', ...args], { env: {} });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  child.stdin.on('error', () => {}).end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => text;
}
