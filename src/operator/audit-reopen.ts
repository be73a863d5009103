import type { Reopening } from '../audit/checkpoints/reopen.ts';
import { append, INSTALLATION_LOG, logIdOf } from '../audit/events/append.ts';
import type { NewEvent, RequestOrigin } from '../audit/events/event.ts';
import { drainForRead } from '../audit/sequencer/drain.ts';
import { inTransaction } from '../db/connection.ts';
import type { WorkspaceId } from '../lib/ids.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import type { Session } from './session.ts';

/** The installation's own log, where a command takes a workspace. A workspace of this name is reached by its id. */
const INSTALLATION = 'installation';

export interface ReopenedLogView {
  /** Null for the installation's own. */
  readonly workspace: string | null;
  /** Why it was halted. */
  readonly halt_reason: string;
  /** Null if it had signed nothing. */
  readonly previous_origin: string | null;
  readonly origin: string;
  readonly verifier_key: string;
  /** How many events the first checkpoint of the new origin covers. */
  readonly size: number;
}

/**
 * Lets a log that was halted begin anew under another origin, and signs its first checkpoint. Nothing is done if
 * `confirm` rejects.
 *
 * @throws ServiceError `conflict` if the log is not halted; `unavailable` if signing is refused at once again
 */
export async function reopenAuditLog(
  session: Session,
  { workspace, confirm }: { readonly workspace: string; confirm(name: string): Promise<void> },
): Promise<ReopenedLogView> {
  const { db, checkpoints } = session;
  const chosen = workspace === INSTALLATION ? undefined : await chooseWorkspace(session, workspace);
  const workspaceId = chosen?.id ?? null;
  const logId = chosen === undefined ? INSTALLATION_LOG : logIdOf(chosen.id);
  await confirm(chosen?.name ?? INSTALLATION);
  const reopening = await inTransaction(db, async (tx) => {
    const begun = await checkpoints.reopen(tx, logId);
    await append(tx, session, [reopenedEvent(workspaceId, session.request, begun)]);
    return begun;
  });
  const { size } = await checkpoints.covering(logId, await drainForRead(db, logId));
  const { reason, previous, key } = reopening;
  return {
    workspace: workspaceId,
    halt_reason: reason,
    previous_origin: previous?.origin ?? null,
    origin: key.origin,
    verifier_key: key.verifierKey,
    size,
  };
}

function reopenedEvent(
  workspaceId: WorkspaceId | null,
  request: RequestOrigin,
  { reason, previous, key }: Reopening,
): NewEvent {
  return {
    workspaceId,
    environment: null,
    action: 'audit_log.reopened',
    outcome: 'success',
    actor: { type: 'system', id: null, name: null },
    targets: workspaceId === null ? [] : [{ type: 'workspace', id: workspaceId, name: null }],
    request,
    changes: [
      { field: 'origin', old: previous?.origin ?? null, new: key.origin },
      { field: 'verifier_key', old: previous?.verifierKey ?? null, new: key.verifierKey },
      { field: 'halt_reason', old: reason, new: null },
    ],
  };
}
