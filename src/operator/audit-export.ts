import { type BegunExport, beginExport } from '../audit/export/begin.ts';
import { ENCODINGS } from '../audit/export/export.ts';
import type { ExportedLeaf } from '../audit/export/pages.ts';
import type { ExportFormat, ExportRequest } from '../audit/export/scope.ts';
import type { Clock } from '../lib/clock.ts';
import { ServiceError } from '../lib/errors.ts';
import { type AuditFilterTexts, parseAuditFilters } from './audit-filters.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';

export { EXPORT_FORMATS } from '../audit/export/scope.ts';

/** The installation's own log, where a command takes a workspace. A workspace of this name is reached by its id. */
export const INSTALLATION = 'installation';

export interface ExportChoice extends AuditFilterTexts {
  readonly workspace?: string | undefined;
  /** Undefined is everything of the log. */
  readonly environment?: 'live' | 'test' | undefined;
  readonly format: ExportFormat;
  readonly previous?: number | undefined;
}

export interface ExportSurroundings {
  /** Resolves when it is ready for more. */
  write(piece: Uint8Array): Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

export interface ExportView {
  /** Null is the installation's own log. */
  readonly workspace: string | null;
  readonly format: ExportFormat;
  readonly origin: string;
  readonly verifier_key: string;
  /** The range of leaf indexes, to before `end`. */
  readonly first: number;
  readonly end: number;
  readonly events: number;
  readonly bytes: number;
  /** The event that tells of this export. */
  readonly event_id: string;
}

/** @throws ServiceError for a choice that makes no sense, and as `beginExport` does; the reason of `signal` */
export async function exportAuditLog(
  session: Session,
  choice: ExportChoice,
  { write, signal, onProgress }: ExportSurroundings,
): Promise<ExportView> {
  const { format, previous, environment = null } = choice;
  const filters = parseAuditFilters(choice);
  const workspaceId = choice.workspace === INSTALLATION ? null : (await chooseWorkspace(session, choice.workspace)).id;
  const request: ExportRequest = { workspaceId, environment, filters, format, previous };
  const exporter = { actor: { type: 'system', id: null, name: null }, request: session.request } as const;
  const begun = await beginExport(session, request, exporter).catch((error: unknown) => {
    throw inTermsOfOptions(error);
  });
  const { header } = begun;
  let events = 0;
  let bytes = 0;
  async function* pages(): AsyncGenerator<readonly ExportedLeaf[], void> {
    for await (const page of withProgress(begun, session.clock, onProgress)) {
      events += page.length;
      yield page;
    }
  }
  for await (const piece of ENCODINGS[format].format({ ...begun, pages })) {
    signal.throwIfAborted();
    await write(piece);
    bytes += piece.byteLength;
  }
  return {
    workspace: header.workspace,
    format,
    origin: header.origin,
    verifier_key: header.verifier_key,
    first: header.first,
    end: header.end,
    events,
    bytes,
    event_id: header.event_id,
  };
}

/** What the API says of a parameter, of the option. */
function inTermsOfOptions(error: unknown): unknown {
  if (!(error instanceof ServiceError) || error.code !== 'validation_failed') return error;
  const sentences = (error.details ?? []).map(({ path, message }) => `--${path} ${message}.`);
  return new ServiceError('invalid_request', { message: sentences.join(' ') });
}

const PROGRESS_INTERVAL_MS = 2_000;

/** Says now and then how far it is. */
async function* withProgress(
  { pages, header: { first, end } }: BegunExport,
  clock: Clock,
  onProgress: (line: string) => void,
): AsyncGenerator<readonly ExportedLeaf[], void> {
  let saidAtMs = clock.monotonicMs();
  for await (const page of pages()) {
    yield page;
    const nowMs = clock.monotonicMs();
    const done = (page.at(-1)?.leafIndex ?? first) + 1 - first;
    if (nowMs - saidAtMs < PROGRESS_INTERVAL_MS) continue;
    saidAtMs = nowMs;
    const percent = Math.floor((100 * done) / (end - first));
    onProgress(`${done.toLocaleString('en')} of ${(end - first).toLocaleString('en')} events (${percent} %)`);
  }
}
