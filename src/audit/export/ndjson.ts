import { createHash } from 'node:crypto';
import type { Database } from '../../db/connection.ts';
import type { LogKey } from '../checkpoints/log-key.ts';
import { toBase64, utf8 } from '../core/base64.ts';
import {
  type ExportEvent,
  type ExportGap,
  type ExportLine,
  type ExportManifest,
  type ExportOpening,
  type ExportTile,
  formatManifestText,
} from '../core/export-format.ts';
import { formatNote, formatSignatureLine } from '../core/note.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '../core/tile.ts';
import { compactNodes, type NodeId } from '../core/tree.ts';
import type { BegunExport } from './begin.ts';
import { createLayout, type Filling } from './layout.ts';
import { selectRecords, selectSmallRecords } from './page-store.ts';
import type { ExportedLeaf } from './pages.ts';

/** The export that can be verified (core/export-format.ts), in pieces of whole lines. */
export async function* formatNdjson(begun: BegunExport): AsyncGenerator<Buffer, void> {
  const { header } = begun;
  const layout = createLayout({ begin: header.first, end: header.end });
  const digest = createHash('sha256');
  const counts = { header: 0, event: 0, gap: 0, tile: 0, manifest: 0 };

  function write(lines: readonly ExportLine[]): Buffer {
    for (const { type } of lines) counts[type] += 1;
    const bytes = Buffer.from(lines.map(formatLine).join(''), 'utf8');
    digest.update(bytes);
    return bytes;
  }

  yield write([header]);
  for await (const page of begun.pages()) {
    const items = page.flatMap((leaf) => [...layout.fillTo(leaf.leafIndex), leaf, ...layout.pass(leaf.leafIndex)]);
    const hashes = await readHashes(begun, items.filter(isFilling));
    const recordsOf = await readRecords(begun.db, page);
    let small: ExportLine[] = [];
    for (const item of items) {
      if (isFilling(item)) {
        small.push(hashes(item));
        continue;
      }
      const records = recordsOf.get(item.eventId);
      if (records !== null) {
        small.push(eventLine(item, records));
        continue;
      }
      // Large ones go one by one, so that no page of them is held.
      yield write(small);
      yield write([eventLine(item, await selectRecords(begun.db, item.eventId))]);
      small = [];
    }
    yield write(small);
  }
  const rest = layout.fillTo(header.end);
  yield write(rest.map(await readHashes(begun, rest)));
  const { event: events, gap: gaps } = counts;
  const lines = counts.header + events + gaps + counts.tile;
  const sha256 = digest.copy().digest('hex');
  const signature = signManifest(begun.key, formatManifestText(header, { events, gaps, sha256 }));
  const manifest: ExportManifest = { type: 'manifest', events, gaps, lines, sha256, signature };
  yield write([manifest]);
}

/** One line, also for readers that take more than the line feed for the end of one. */
function formatLine(line: ExportLine): string {
  return `${JSON.stringify(line).replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

const LINE_ENDS = /[\u0085\u2028\u2029]/g;

const isFilling = (item: Filling | ExportedLeaf): item is Filling => 'kind' in item;

/** Reads what the gaps and tiles of a page need at once: then each tile of the tree is read once a page. */
async function readHashes(
  { readNodes }: BegunExport,
  fillings: readonly Filling[],
): Promise<(filling: Filling) => ExportGap | ExportTile> {
  const nodes = fillings.flatMap(nodesOf);
  const hashes = nodes.length === 0 ? [] : await readNodes(nodes);
  let used = 0;
  const take = (filling: Filling): string[] => {
    const start = used;
    used += nodesOf(filling).length;
    return hashes.slice(start, used).map(toBase64);
  };
  const lines = new Map(fillings.map((filling) => [filling, fillingLine(filling, take(filling))]));
  return (filling) => lines.get(filling) ?? fillingLine(filling, []);
}

function nodesOf(filling: Filling): NodeId[] {
  return filling.kind === 'gap' ? compactNodes(filling.range) : [{ level: TILE_HEIGHT, index: filling.index }];
}

function fillingLine(filling: Filling, hashes: readonly string[]): ExportGap | ExportTile {
  if (filling.kind === 'gap') {
    const { begin, end } = filling.range;
    return { type: 'gap', first: begin, end, hashes };
  }
  const first = filling.index * TILE_WIDTH;
  return { type: 'tile', first, end: first + TILE_WIDTH, hash: hashes[0] ?? '' };
}

function eventLine({ leafIndex, hash, leaf, parts, event }: ExportedLeaf, records: Buffer | undefined): ExportEvent {
  return {
    type: 'event',
    leaf_index: leafIndex,
    leaf_hash: hash.toString('base64'),
    leaf: leaf?.toString('utf8') ?? '',
    openings: Object.fromEntries(
      parts.map(({ slot, salt, payload }): [string, ExportOpening] => [
        slot,
        { salt: salt.toString('base64'), payload: payload.toString('utf8') },
      ]),
    ),
    event: event ?? {},
    ...(records !== undefined && { records: records.toString('utf8') }),
  };
}

/** By event; null where there are too many to read along with those of others. */
async function readRecords(db: Database, page: readonly ExportedLeaf[]): Promise<Map<string, Buffer | null>> {
  const ids = page.filter(({ event }) => event?.introspections).map(({ eventId }) => eventId);
  const rows = ids.length === 0 ? [] : await selectSmallRecords(db, ids);
  return new Map(rows.map(({ event_id, records }) => [event_id, records]));
}

function signManifest({ origin, verifier, sign }: LogKey, text: string): string {
  return formatNote(text, [formatSignatureLine(origin, verifier.keyId, sign(utf8(text)))]);
}
