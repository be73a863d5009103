import { describe, expect, test } from 'vitest';
import { type EventProof, proveEvent } from '../../src/audit/checkpoints/prove.ts';
import { hashLeaf } from '../../src/audit/core/hash.ts';
import { verifyTlogProof } from '../../src/audit/core/tlog-proof.ts';
import { parseVerifierKey } from '../../src/audit/core/verifier-key.ts';
import type { Subject } from '../../src/audit/erasures/subject.ts';
import { beginExport } from '../../src/audit/export/begin.ts';
import { ENCODINGS } from '../../src/audit/export/export.ts';
import { sha256, verifyEd25519 } from '../../src/audit/hashing.ts';
import { eraseSubject } from '../../src/introspection/erasure.ts';
import type { EventId, WorkspaceId } from '../../src/lib/ids.ts';
import { createTestDatabase } from '../support/database.ts';
import { verifyBytes } from './core/verify.ts';
import { exportBytes, exportDeps, exporter } from './export/world.ts';
import { appendAll, deps, newEvent, newWorkspaceId, openTestPool, range } from './log.ts';

const db = openTestPool((await createTestDatabase()).app);
const evidence = exportDeps(db);

const ADDRESS = '192.0.2.1';
const subject: Subject = { type: 'source', id: ADDRESS };

const erase = (workspaceId: WorkspaceId) => eraseSubject({ db, ...deps }, { workspaceId, subject, ...exporter });

/** Every event comes from the address. */
const fill = (workspaceId: WorkspaceId, count: number) =>
  appendAll(db, ...range(count).map(() => newEvent(workspaceId)));

async function prove(workspaceId: WorkspaceId, id: EventId | undefined): Promise<EventProof> {
  const proof = await proveEvent(evidence, { workspaceId, environment: 'live' }, id as EventId);
  if (proof === undefined) throw new Error('no such event');
  return proof;
}

function verify({ leaf, tlogProof, verifierKey }: EventProof) {
  const leafHash = hashLeaf(sha256, Buffer.from(leaf));
  return verifyTlogProof({ sha256, verify: verifyEd25519 }, tlogProof, leafHash, parseVerifierKey(sha256, verifierKey));
}

/** The checkpoint in the header of an export, and the key that it names. */
function headerOf(bytes: Buffer): { checkpoint: string; verifier_key: string } {
  return JSON.parse(bytes.toString('utf8').split('\n', 1)[0] ?? '');
}

describe('what was erased', () => {
  test('is still proved to be in the log, by the proof of before and by one of now', async () => {
    const workspace = newWorkspaceId();
    const [, id] = await fill(workspace, 5);
    const before = await prove(workspace, id);
    expect(before.openings).toHaveProperty('source');
    await erase(workspace);
    const after = await prove(workspace, id);
    expect(after.leaf).toBe(before.leaf);
    expect(Object.keys(after.openings).sort()).toEqual(['actor', 'target/0']);
    expect(after.event).toMatchObject({ redacted: true, source: { ip: null } });
    expect(verify(before).index).toBe(1);
    expect(verify(after).index).toBe(1);
  });

  test('is in exports that verify, against what was signed before it went, and is not shown there', async () => {
    const workspace = newWorkspaceId();
    await fill(workspace, 300);
    const before = await exportBytes(evidence, { workspaceId: workspace });
    const { checkpoint, verifier_key: key } = headerOf(before);
    expect(before.includes(ADDRESS)).toBe(true);
    await erase(workspace);
    const after = await exportBytes(evidence, { workspaceId: workspace });
    expect(verifyBytes(key, after, { kept: [checkpoint] }).damage).toBeNull();
    expect(verifyBytes(key, before).damage).toBeNull();
    expect(after.includes(ADDRESS)).toBe(false);
  });

  test('while an export is under way leaves that export whole', async () => {
    const workspace = newWorkspaceId();
    await fill(workspace, 1_000);
    const pieces: Buffer[] = [];
    let erasing: Promise<unknown> | undefined;
    const request = { workspaceId: workspace, environment: null, filters: {}, format: 'ndjson' } as const;
    const begun = await beginExport(evidence, request, exporter);
    for await (const piece of ENCODINGS.ndjson.format(begun)) {
      pieces.push(piece);
      // After the first page, and before the last one.
      if (pieces.length === 2) {
        erasing = erase(workspace);
        await erasing;
      }
    }
    expect(erasing).toBeDefined();
    const bytes = Buffer.concat(pieces);
    expect(verifyBytes(headerOf(bytes).verifier_key, bytes).damage).toBeNull();
    const events = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('{"type":"event"'))
      .map((line) => JSON.parse(line).event);
    expect(new Set(events.map(({ redacted }) => redacted))).toEqual(new Set([false, true]));
    for (const { redacted, source } of events) if (redacted) expect(source.ip).toBeNull();
  });
});
