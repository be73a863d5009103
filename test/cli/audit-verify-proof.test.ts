import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatCheckpoint } from '../../src/audit/core/checkpoint.ts';
import { hashLeaf } from '../../src/audit/core/hash.ts';
import { formatNote } from '../../src/audit/core/note.ts';
import { proveInclusion } from '../../src/audit/core/proof.ts';
import { formatTlogProof } from '../../src/audit/core/tlog-proof.ts';
import { rootOfLeaves } from '../../src/audit/core/tree.ts';
import { formatVerifierKey } from '../../src/audit/core/verifier-key.ts';
import { sha256 } from '../../src/audit/hashing.ts';
import { verifyProof } from '../../src/operator/audit-verify-proof.ts';
import { testKey } from '../audit/core/keys.ts';
import { readerOf } from '../audit/core/trees.ts';
import { tooken } from './command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'tooken-proof-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const log = testKey('tokens.example/logs/wsp_1', 1);
const witness = testKey('witness.example.com/w1', 2, 'cosignature');
const key = formatVerifierKey(log.key);
const witnessKey = formatVerifierKey(witness.key);

const events = ['{"id":"evt_1"}', '{"id":"evt_2","reason":"\u202eyna rof"}', '{"id":"evt_3"}'].map((leaf) =>
  Buffer.from(leaf),
);
const leaves = events.map((event) => hashLeaf(sha256, event));
const body = formatCheckpoint({ origin: log.key.name, size: 3, root: rootOfLeaves(sha256, leaves) });
const checkpoint = formatNote(body, [log.sign(body), witness.cosign(body, 1_700_000_000)]);
const path = await proveInclusion(sha256, readerOf(leaves), 1, 3);
const proof = formatTlogProof({ extra: events[1] ?? Buffer.of(), index: 1, path, checkpoint });

let files = 0;

function fileOf(text: string): string {
  files += 1;
  const file = join(directory, `${files}.tlog-proof`);
  writeFileSync(file, text);
  return file;
}

const verify = (text: string, witnesses: readonly string[] = [], keyText = key) =>
  verifyProof({ path: fileOf(text), key: keyText, witnesses });

describe('verifying the proof of one event', () => {
  test('shows the event that the log holds, and who has cosigned', async () => {
    expect(await verify(proof, [witnessKey])).toEqual({
      holds: true,
      failure: null,
      leaf_index: 1,
      leaf: events[1]?.toString('utf8'),
      checkpoint: { origin: log.key.name, size: 3, root: Buffer.from(rootOfLeaves(sha256, leaves)).toString('base64') },
      cosignatures: [{ witness: witness.key.name, cosigned_at: '2023-11-14T22:13:20.000Z' }],
    });
  });

  test('shows nothing of an event that is not the one in the log', async () => {
    const forged = formatTlogProof({ extra: Buffer.from('{"id":"evt_9"}'), index: 1, path, checkpoint });
    expect(await verify(forged)).toMatchObject({ holds: false, leaf: null, failure: { code: 'not_included' } });
  });

  test('tells another log, another key, a forged checkpoint and what is no proof from each other', async () => {
    const codes = await Promise.all(
      [
        verify(proof, [], formatVerifierKey(testKey('tokens.example/logs/wsp_2', 1).key)),
        verify(proof, [], formatVerifierKey(testKey(log.key.name, 3).key)),
        verify(proof.replace('\n3\n', '\n4\n')),
        verify('{"proof":{}}'),
      ].map(async (verdict) => (await verdict).failure?.code),
    );
    expect(codes).toEqual(['wrong_name', 'unknown_key', 'bad_signature', 'malformed']);
  });

  test('wants every witness that is named to have cosigned', async () => {
    const other = formatVerifierKey(testKey('witness.example.com/w2', 4, 'cosignature').key);
    expect(await verify(proof, [witnessKey, other])).toMatchObject({ holds: false, failure: { code: 'wrong_name' } });
  });

  test('refuses keys of the wrong kind, and a proof that does not bring its event along', async () => {
    await expect(verify(proof, [], witnessKey)).rejects.toThrow('this is the key of a witness');
    await expect(verify(proof, [key])).rejects.toThrow('a key that signs checkpoints, not cosignatures');
    await expect(verify(formatTlogProof({ index: 1, path, checkpoint }))).rejects.toThrow(
      'does not bring its event along',
    );
    await expect(verifyProof({ path: join(directory, 'nowhere'), key, witnesses: [] })).rejects.toThrow('no such file');
  });
});

describe('tooken audit verify-proof', () => {
  test('ends with 0 if it holds, needing no environment, and puts nothing on the terminal that turns it round', async () => {
    const { code, stdout, stderr } = await tooken({ env: {} }, 'audit', 'verify-proof', fileOf(proof), '--key', key);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'The event is in the log.\n' });
    expect(stdout).toContain('result      holds\n');
    expect(stdout).toContain('"id":"evt_2"');
    expect(stdout).not.toContain('\u202e');
    const document = await tooken({ env: {} }, 'audit', 'verify-proof', fileOf(proof), '--key', key, '--json');
    expect(document.stdout).not.toContain('\u202e');
    expect(JSON.parse(document.stdout)).toMatchObject({ leaf: events[1]?.toString('utf8') });
  });

  test('ends with 1 if it does not hold, and with usage if there is no key', async () => {
    const file = fileOf(proof.replace('\n3\n', '\n4\n'));
    const failed = await tooken({ env: {} }, 'audit', 'verify-proof', file, '--key', key);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toBe('result      does not hold: bad_signature\n');
    const unused = await tooken({ env: {} }, 'audit', 'verify-proof', file);
    expect(unused.code).toBe(2);
    expect(unused.stderr).toContain('--key is missing');
  });
});
