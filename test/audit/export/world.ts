import { createCheckpoints } from '../../../src/audit/checkpoints/checkpoints.ts';
import { createLogKeys } from '../../../src/audit/checkpoints/log-key.ts';
import { fromBase64 } from '../../../src/audit/core/base64.ts';
import { openCheckpoint } from '../../../src/audit/core/checkpoint.ts';
import {
  type ExportEvent,
  type ExportGap,
  type ExportHeader,
  type ExportLine,
  type ExportManifest,
  type ExportTile,
  formatManifestText,
} from '../../../src/audit/core/export-format.ts';
import { hashLeaf } from '../../../src/audit/core/hash.ts';
import { openNote } from '../../../src/audit/core/open-note.ts';
import { createCompactRange } from '../../../src/audit/core/tree.ts';
import { parseVerifierKey } from '../../../src/audit/core/verifier-key.ts';
import { beginExport, type ExportDeps } from '../../../src/audit/export/begin.ts';
import { ENCODINGS } from '../../../src/audit/export/export.ts';
import type { ExportRequest } from '../../../src/audit/export/scope.ts';
import { sha256, verifyEd25519 } from '../../../src/audit/hashing.ts';
import type { Database } from '../../../src/db/connection.ts';
import { silentLogger } from '../../support/silent-logger.ts';
import { deps as ids } from '../log.ts';

/** What exports need, on `db`. */
export function exportDeps(db: Database): ExportDeps {
  const logKeys = createLogKeys({ wrappingKey: Buffer.alloc(32, 9), publicUrl: 'http://tooken.test', ...ids });
  const checkpoints = createCheckpoints({ db, logKeys, guards: [], logger: silentLogger, clock: ids.clock });
  return { ...ids, db, checkpoints, logKeys };
}

export const exporter = {
  actor: { type: 'system', id: null, name: null },
  request: { id: 'req-export', method: 'CLI', route: 'audit export', ip: null, userAgent: null },
} as const;

type Asked = Partial<ExportRequest> & Pick<ExportRequest, 'workspaceId'>;

export async function exportBytes(deps: ExportDeps, asked: Asked): Promise<Buffer> {
  const request: ExportRequest = { environment: null, filters: {}, format: 'ndjson', ...asked };
  const begun = await beginExport(deps, request, exporter);
  const pieces: Buffer[] = [];
  for await (const piece of ENCODINGS[request.format].format(begun)) pieces.push(piece);
  return Buffer.concat(pieces);
}

export interface ReadExport {
  readonly header: ExportHeader;
  readonly lines: readonly ExportLine[];
  readonly events: readonly ExportEvent[];
  readonly gaps: readonly ExportGap[];
  readonly tiles: readonly ExportTile[];
  readonly manifest: ExportManifest;
}

/** Reads an export the way somebody would who knows only what its format says, and throws where it does not hold. */
export function readExport(bytes: Buffer): ReadExport {
  const text = bytes.toString('utf8');
  const lines = text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as ExportLine);
  const [header] = lines;
  const manifest = lines.at(-1);
  if (header?.type !== 'header' || manifest?.type !== 'manifest') throw new Error('no header or no manifest');
  const body = lines.slice(1, -1);
  const read = { header, lines, manifest, ...sortLines(body) };
  checkRoot(header, body);
  checkManifest(read, text.slice(0, text.lastIndexOf('{"type":"manifest"')));
  return read;
}

function sortLines(body: readonly ExportLine[]) {
  return {
    events: body.filter((line) => line.type === 'event'),
    gaps: body.filter((line) => line.type === 'gap'),
    tiles: body.filter((line) => line.type === 'tile'),
  };
}

/** Rebuilds the tree of the whole log from header and lines, and every tile of its own. */
function checkRoot(header: ExportHeader, body: readonly ExportLine[]): void {
  const key = parseVerifierKey(sha256, header.verifier_key);
  const { checkpoint } = openCheckpoint({ verify: verifyEd25519 }, header.checkpoint, key);
  const range = createCompactRange(sha256);
  let tile = createCompactRange(sha256);
  range.appendRange(header.before.map(bytes), header.first);
  for (const line of body) {
    if (line.type !== 'tile' && range.end % 256 === 0) tile = createCompactRange(sha256);
    if (line.type === 'event') {
      expectSame(line.leaf_index, range.end, 'leaf index');
      const hash = hashLeaf(sha256, Buffer.from(line.leaf, 'utf8'));
      expectSame(Buffer.from(hash).toString('base64'), line.leaf_hash, 'leaf hash');
      range.append(hash);
      if (tile.end === line.leaf_index % 256) tile.append(hash);
    } else if (line.type === 'gap') {
      expectSame(line.first, range.end, 'start of a gap');
      range.appendRange(line.hashes.map(bytes), line.end);
      if (tile.end === line.first % 256 && line.end - line.first < 256) {
        tile.appendRange(line.hashes.map(bytes), tile.end + line.end - line.first);
      }
    } else if (line.type === 'tile') {
      expectSame(line.end, range.end, 'end of a tile');
      expectSame(Buffer.from(tile.root()).toString('base64'), line.hash, 'hash of a tile');
    }
  }
  expectSame(range.end, header.end, 'end of the range');
  range.appendRange(header.after.map(bytes), checkpoint.size);
  expectSame(Buffer.from(range.root()).toString('hex'), Buffer.from(checkpoint.root).toString('hex'), 'root');
}

function checkManifest({ header, lines, events, gaps, manifest }: ReadExport, before: string): void {
  const key = parseVerifierKey(sha256, header.verifier_key);
  expectSame(manifest.sha256, sha256(Buffer.from(before, 'utf8')).toString('hex'), 'hash of all lines');
  expectSame(manifest.lines, lines.length - 1, 'number of lines');
  expectSame(manifest.events, events.length, 'number of events');
  expectSame(manifest.gaps, gaps.length, 'number of gaps');
  const note = openNote({ verify: verifyEd25519 }, manifest.signature, key);
  expectSame(note.text, formatManifestText(header, manifest), 'what the manifest signs');
}

const bytes = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();

function expectSame<Value>(actual: Value, expected: Value, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} is not ${String(expected)}`);
}
