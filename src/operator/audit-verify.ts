import { generationOfOrigin, type PublicLogKey } from '../audit/checkpoints/log-key.ts';
import { DamageFound, damageAt } from '../audit/core/damage.ts';
import { INSTALLATION_LOG, logIdOf } from '../audit/events/append.ts';
import { verifyEd25519 } from '../audit/hashing.ts';
import { unverifiedLog, verifyLog } from '../audit/verify/verify-log.ts';
import { ServiceError } from '../lib/errors.ts';
import { type DamageView, viewDamage } from './audit-verdict.ts';
import { type KeptText, openAllKept, originOf } from './audit-verify-kept.ts';
import { chooseWorkspace } from './choose-workspace.ts';
import { readSmallFile } from './export-source.ts';
import type { Session } from './session.ts';
import { selectWorkspaces } from './workspace-store.ts';

/** The installation's own log, where a command takes a workspace. A workspace of this name is reached by its id. */
const INSTALLATION = 'installation';

export interface LiveChoice {
  /** All of them, with the installation's, unless given. */
  readonly workspace?: string | undefined;
  /** Files with checkpoints that were kept; of one log. */
  readonly previous: readonly string[];
}

export interface LiveVerdictView {
  readonly holds: boolean;
  readonly logs: readonly LogVerdictView[];
}

export interface LogVerdictView {
  /** Null is the installation's own log. */
  readonly workspace: { readonly id: string; readonly name: string } | null;
  readonly holds: boolean;
  readonly damage: DamageView | null;
  /** Null before the first checkpoint. */
  readonly verifier_key: string | null;
  readonly size: number;
  readonly records: number;
  readonly redacted: number;
  readonly checkpoints: number;
  /** How many leaves the largest checkpoint covers. */
  readonly covered: number;
  readonly tiles: number;
  readonly pending: number;
  readonly strays: number;
  /** Whether this machine has a checkpoint of it outside of the database. */
  readonly checkpoint_file: boolean;
  readonly halt_reason: string | null;
}

/** What it takes of a session. */
type LiveSession = Pick<Session, 'db' | 'logKeys' | 'checkpointFiles'>;

interface ChosenLog {
  readonly logId: string;
  readonly workspace: LogVerdictView['workspace'];
}

/**
 * Verifies logs where they lie, changing nothing.
 *
 * @throws ServiceError `not_found`; `invalid_request` if a file cannot be read
 */
export async function verifyLogs(
  session: LiveSession,
  choice: LiveChoice,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; onProgress(name: string, records: number, size: number): void },
): Promise<LiveVerdictView> {
  const previous = await Promise.all(
    choice.previous.map(async (file) => ({ label: file, text: await readSmallFile(file) })),
  );
  const chosen = await chooseLogs(session, choice.workspace);
  for (const { label, text } of previous) {
    const origin = originOf(text);
    if (origin !== undefined && chosen.some(({ logId }) => generationOfOrigin(origin, logId) !== undefined)) continue;
    const message = `${label} is no checkpoint of ${choice.workspace === undefined ? 'any log here' : 'this log'}.`;
    throw new ServiceError('invalid_request', { message });
  }
  const logs: LogVerdictView[] = [];
  for (const log of chosen) {
    const name = log.workspace?.name ?? INSTALLATION;
    const show = (records: number, size: number) => onProgress(name, records, size);
    logs.push(await verifyOne(session, log, previous, { signal, onProgress: show }));
  }
  return { holds: logs.every(({ holds }) => holds), logs };
}

async function chooseLogs(session: LiveSession, wanted: string | undefined): Promise<ChosenLog[]> {
  const installation = { logId: INSTALLATION_LOG, workspace: null };
  if (wanted === INSTALLATION) return [installation];
  const chosen = wanted === undefined ? await selectWorkspaces(session.db) : [await chooseWorkspace(session, wanted)];
  const logs = chosen.map(({ id, name }) => ({ logId: logIdOf(id), workspace: { id, name } }));
  return wanted === undefined ? [...logs, installation] : logs;
}

async function verifyOne(
  session: LiveSession,
  { logId, workspace }: ChosenLog,
  previous: readonly KeptText[],
  surroundings: { readonly signal: AbortSignal; onProgress(records: number, size: number): void },
): Promise<LogVerdictView> {
  const { db, logKeys, checkpointFiles } = session;
  const file = await checkpointFiles.read(logId);
  const key = await logKeys.find(db, logId);
  const verdict = await (async () => {
    if (key !== undefined) await checkKey(session, logId, key);
    const kept = await openAllKept(session, logId, key, { previous, onDisk: file });
    return await verifyLog({ db, logId, kept, ...surroundings });
  })().catch((error: unknown) => {
    if (error instanceof DamageFound) return unverifiedLog(db, logId, error.damage);
    throw error;
  });
  const { damage, haltReason, ...counts } = verdict;
  return {
    workspace,
    holds: damage === null,
    damage: damage && viewDamage(damage, 'database'),
    verifier_key: key?.verifierKey ?? null,
    ...counts,
    checkpoint_file: file !== undefined,
    halt_reason: haltReason,
  };
}

const PROBE = Buffer.from('tooken/audit-verify', 'utf8');

/** Whether the key that the service signs with is the one that it publishes. @throws DamageFound */
async function checkKey({ db, logKeys }: LiveSession, logId: string, published: PublicLogKey): Promise<void> {
  let signature: Buffer;
  try {
    signature = (await logKeys.open(db, logId)).sign(PROBE);
  } catch {
    throw damageAt(null, 'unknown_key', 'The key of the log in the database is not one that this master key has made.');
  }
  if (verifyEd25519(published.publicKey, PROBE, signature)) return;
  throw damageAt(null, 'unknown_key', 'The public key of the log in the database is not that of its private key.');
}
