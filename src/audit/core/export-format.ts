/**
 * An export of an audit log that can be verified: NDJSON, one object a line, each line ended by a line feed. The first
 * line is the {@link ExportHeader}, the last one the {@link ExportManifest}; between them every leaf of the range
 * `[first, end)` is accounted for, in order: by a {@link ExportEvent}, or, where filters or the environment leave leaves
 * out, by an {@link ExportGap}, which has nothing of them but what the tree needs. Bytes are in standard base64.
 *
 *     {"type":"header","format":"tooken-audit-export","version":1,"origin":"…","first":0,"end":3,"checkpoint":"…",…}
 *     {"type":"event","leaf_index":0,"leaf_hash":"…","leaf":"{…}","openings":{…},"event":{…}}
 *     {"type":"gap","first":1,"end":3,"hashes":["…"]}
 *     {"type":"manifest","events":1,"gaps":1,"lines":3,"sha256":"…","signature":"…"}
 *
 * An export of every environment without filters has no gaps: there a gap stands for leaves that the database has lost. An
 * event of which only the leaf hash is left has the empty text as `leaf`.
 *
 * Whoever appends `before`, the leaf hashes, the gaps and `after` to one compact range gets the root that the checkpoint
 * of the header signs.
 */
export const EXPORT_FORMAT = 'tooken-audit-export';
export const EXPORT_VERSION = 1;

export interface ExportHeader {
  readonly type: 'header';
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  readonly origin: string;
  /** For information only. A verifier is given the key by other means: whoever forges an export forges this too. */
  readonly verifier_key: string;
  /** Null is the installation's own log. */
  readonly workspace: string | null;
  /** Null is every environment. */
  readonly environment: 'live' | 'test' | null;
  /** As they were asked for. */
  readonly filters: ExportFilters;
  /** The leaves from `first` to before `end`. */
  readonly first: number;
  readonly end: number;
  /** The signed note of a checkpoint that covers the range, with cosignatures. */
  readonly checkpoint: string;
  /** Compact range of `[0, first)`: the hashes of its perfect subtrees, left to right. */
  readonly before: readonly string[];
  /** Compact range of `[end, size of the checkpoint)`. */
  readonly after: readonly string[];
  /** Proof that the log of that size is a prefix of this one, for whoever has seen that checkpoint. */
  readonly previous: { readonly size: number; readonly proof: readonly string[] } | null;
  readonly exported_at: string;
  /** The event `audit_log.exported` of this very export. The checkpoint covers it, unless the log is halted. */
  readonly event_id: string;
}

/** By the names of the query parameters; lists are arrays, times RFC 3339. */
export type ExportFilters = { readonly [name: string]: string | readonly string[] };

export interface ExportEvent {
  readonly type: 'event';
  readonly leaf_index: number;
  /** SHA-256(0x00 ‖ leaf) (RFC 6962, section 2.1). */
  readonly leaf_hash: string;
  /** The exact bytes that the log commits to, as text: RFC 8785 canonical JSON. */
  readonly leaf: string;
  /** By slot (`actor`, `source`, `target/0` …): what the leaf commits to, as far as it has not been erased. */
  readonly openings: { readonly [slot: string]: ExportOpening };
  /** As the API shows it. */
  readonly event: object;
  /** Canonical JSON, one record a line: the introspections that the leaf stands for. */
  readonly records?: string;
}

/** The commitment is hex(SHA-256(salt ‖ payload)). */
export interface ExportOpening {
  readonly salt: string;
  /** Canonical JSON. */
  readonly payload: string;
}

/** Leaves that are left out. */
export interface ExportGap {
  readonly type: 'gap';
  readonly first: number;
  readonly end: number;
  /** Compact range of `[first, end)`. */
  readonly hashes: readonly string[];
}

/**
 * The hash of 256 leaves that begin at a multiple of 256, right after the last of them: a damaged line is found among
 * 256. Every such tile inside the range has its line, unless it is left out whole. A gap lies within one tile, or is made of
 * whole tiles; so no gap reaches beyond a tile of which there is a line.
 */
export interface ExportTile {
  readonly type: 'tile';
  readonly first: number;
  readonly end: number;
  readonly hash: string;
}

export interface ExportManifest {
  readonly type: 'manifest';
  readonly events: number;
  readonly gaps: number;
  /** Before this one. */
  readonly lines: number;
  /** Of all bytes before this line, in hex. */
  readonly sha256: string;
  /** A signed note (C2SP signed-note) of {@link formatManifestText}, by the log's key under its name. */
  readonly signature: string;
}

export type ExportLine = ExportHeader | ExportEvent | ExportGap | ExportTile | ExportManifest;

/** What the note of a manifest signs; ends with a line feed, as the text of a note does. */
export function formatManifestText(
  { origin, first, end }: Pick<ExportHeader, 'origin' | 'first' | 'end'>,
  { events, gaps, sha256 }: Pick<ExportManifest, 'events' | 'gaps' | 'sha256'>,
): string {
  return `${origin}/export\n${first} ${end}\n${events} ${gaps}\n${sha256}\n`;
}
