import { parseSubject, SUBJECT_IDS, type Subject, type SubjectType } from '../audit/erasures/subject.ts';
import { type Erasure, type Extent, eraseSubject, measureSubject } from '../introspection/erasure.ts';
import { ServiceError } from '../lib/errors.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';
import { selectWorkspaces, type Workspace } from './workspace-store.ts';

export { SUBJECT_TYPES, type SubjectType } from '../audit/erasures/subject.ts';

export interface ErasureChoice {
  readonly type: SubjectType;
  readonly id: string;
  /** Id or name of a workspace; absent: the only one, or all logs. */
  readonly workspace?: string | undefined;
  /** From every workspace and from the installation's own log. */
  readonly isEverywhere: boolean;
  /** Only say what would be erased. */
  readonly isDryRun: boolean;
  /** Why, for the log. */
  readonly reason?: string | undefined;
}

/** Whom an erasure asks, and tells. */
export interface ErasureWatch {
  /** Nothing is erased if it rejects. `subjectId` is how the log writes the id. */
  confirm(subjectId: string, found: readonly LogExtentView[]): Promise<void>;
  onProgress(line: string): void;
}

/** How much there is, or was, in one log. */
export interface LogExtentView {
  /** Null is the installation's own log. */
  readonly workspace: { readonly id: string; readonly name: string } | null;
  readonly events: number;
  readonly payloads: number;
  readonly usage_rows: number;
  readonly request_rows: number;
}

export interface ErasureView {
  readonly subject: Subject;
  readonly dry_run: boolean;
  /** Of all logs those in which there was something. */
  readonly logs: readonly (LogExtentView & { readonly event_ids: readonly string[] })[];
}

interface FoundLog {
  readonly workspace: Workspace | null;
  readonly extent: Extent;
}

/**
 * Erases the personal data of one subject. Of all logs only those that know it are touched, and told; a single one is told in
 * any case.
 *
 * @throws ServiceError `invalid_request` for an id that is none; `not_found` for a workspace
 */
export async function erasePersonalDataOf(
  session: Session,
  choice: ErasureChoice,
  { confirm, onProgress }: ErasureWatch,
): Promise<ErasureView> {
  const subject = subjectOf(choice);
  const workspaces = await workspacesOf(session, choice);
  const found: FoundLog[] = [];
  for (const workspace of workspaces) {
    const extent = await measureSubject(session, workspace?.id ?? null, subject);
    if (!choice.isEverywhere || !isEmpty(extent)) found.push({ workspace, extent });
  }
  const view = { subject, dry_run: choice.isDryRun };
  if (choice.isDryRun) return { ...view, logs: found.map(({ workspace, extent }) => viewLog(workspace, extent, [])) };
  await confirm(
    subject.id,
    found.map(({ workspace, extent }) => viewLog(workspace, extent, [])),
  );
  const logs: ErasureView['logs'][number][] = [];
  for (const log of found) {
    const erasure = await eraseFrom(session, log, { subject, reason: choice.reason, onProgress });
    logs.push(viewLog(log.workspace, erasure, erasure.eventIds));
  }
  return { ...view, logs };
}

function subjectOf({ type, id }: ErasureChoice): Subject {
  const subject = parseSubject(type, id.trim());
  if (subject !== undefined) return subject;
  // Not quoted: somebody may have pasted a token itself.
  throw new ServiceError('invalid_request', { message: `A subject of type ${type} is named by ${SUBJECT_IDS[type]}.` });
}

async function workspacesOf(session: Session, choice: ErasureChoice): Promise<readonly (Workspace | null)[]> {
  if (choice.isEverywhere) return [...(await selectWorkspaces(session.db)), null];
  return [await chooseWorkspace(session, choice.workspace)];
}

interface EraseOptions {
  readonly subject: Subject;
  readonly reason: string | undefined;
  readonly onProgress: ErasureWatch['onProgress'];
}

async function eraseFrom(
  session: Session,
  { workspace, extent }: FoundLog,
  { subject, reason: note, onProgress }: EraseOptions,
): Promise<Erasure> {
  const total = sizeOf(extent);
  let toldTenths = 0;
  return await eraseSubject(
    session,
    {
      workspaceId: workspace?.id ?? null,
      subject,
      note,
      actor: { type: 'system', id: null, name: null },
      request: session.request,
    },
    (soFar) => {
      const done = sizeOf(soFar);
      const tenths = Math.floor((10 * done) / total);
      // What takes one batch is done before anybody wonders.
      if (soFar.eventIds.length === 1 && done >= total) return;
      if (tenths <= toldTenths) return;
      toldTenths = tenths;
      onProgress(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} records are erased.`);
    },
  );
}

function sizeOf({ payloads, usageRows, requestRows }: Extent): number {
  return payloads + usageRows + requestRows;
}

function isEmpty(extent: Extent): boolean {
  return sizeOf(extent) === 0;
}

function viewLog(
  workspace: Workspace | null,
  { events, payloads, usageRows, requestRows }: Extent,
  eventIds: readonly string[],
): ErasureView['logs'][number] {
  return {
    workspace: workspace && { id: workspace.id, name: workspace.name },
    events,
    payloads,
    usage_rows: usageRows,
    request_rows: requestRows,
    event_ids: eventIds,
  };
}
