import type { BegunExport } from './begin.ts';
import { formatCsv } from './csv.ts';
import { formatNdjson } from './ndjson.ts';
import { formatOcsf } from './ocsf.ts';
import type { ExportFormat } from './scope.ts';

interface Encoding {
  readonly mediaType: string;
  /** Of a file's name, with the dot. */
  readonly extension: string;
  /** In pieces of whole lines, as they are asked for: one page of events is held at a time. */
  readonly format: (begun: BegunExport) => AsyncGenerator<Buffer, void>;
}

export const ENCODINGS: Readonly<Record<ExportFormat, Encoding>> = {
  ndjson: { mediaType: 'application/x-ndjson', extension: '.ndjson', format: formatNdjson },
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', extension: '.csv', format: formatCsv },
  ocsf: { mediaType: 'application/x-ndjson', extension: '.ocsf.ndjson', format: formatOcsf },
};

/** `audit-log_ws_…_0-1234.ndjson`: what a file with this export is best called. Nothing in it needs quoting. */
export function nameOfFile({ format, header }: BegunExport): string {
  const log = header.workspace ?? 'installation';
  return `audit-log_${log}_${header.first}-${header.end}${ENCODINGS[format].extension}`;
}
