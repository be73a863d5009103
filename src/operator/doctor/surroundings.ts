import { once } from 'node:events';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { dirname, resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { checkpointDirectory } from '../../audit/checkpoints/checkpoint-file.ts';
import type { Config, Environment } from '../../config/config.ts';
import { decodeMasterKey, type Secrets } from '../../config/secrets.ts';
import type { SmtpSettings } from '../../config/smtp.ts';
import { createMasterKey } from '../../credentials/master-key.ts';
import { masterKeyPath, readMasterKeyFile } from '../../credentials/master-key-file.ts';
import { StartupError } from '../../lib/startup-error.ts';
import { probeServer } from '../../mail/delivery.ts';
import type { CheckpointFileFacts, DiskFacts, KeyFileFacts, MailFacts, MasterKeyFacts, PortFacts } from './facts.ts';
import type { Seen } from './finding.ts';

/** Looks for something; a reason that the operator can remove is what there is to see instead. */
export async function see<Value>(look: () => Value | Promise<Value>): Promise<Seen<Value>> {
  try {
    return { value: await look() };
  } catch (error) {
    if (error instanceof StartupError) return { failure: error.message };
    throw error;
  }
}

/** Where the master key comes from, and which one it is; the key itself stays in here. */
export async function seeMasterKey(
  env: Environment,
  { masterKey }: Secrets,
  { dataDir }: Pick<Config, 'dataDir'>,
): Promise<MasterKeyFacts> {
  if (masterKey !== undefined) {
    const path = env.TOOKEN_MASTER_KEY_FILE || undefined;
    const source = path === undefined ? 'TOOKEN_MASTER_KEY' : 'TOOKEN_MASTER_KEY_FILE';
    const file = path === undefined ? undefined : await seeKeyFile(path);
    return { source, file, fingerprint: { value: createMasterKey(masterKey).fingerprint } };
  }
  const source = masterKeyPath(dataDir);
  const file = await seeKeyFile(source);
  if (file === undefined) return { source, file, fingerprint: undefined };
  const fingerprint = await see(() => {
    const text = readMasterKeyFile(dataDir) ?? '';
    return createMasterKey(decodeMasterKey(source, text)).fingerprint;
  });
  return { source, file, fingerprint };
}

async function seeKeyFile(path: string): Promise<KeyFileFacts | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && { path, mode: found.mode & 0o777 };
}

/** Undefined where there is no such directory, or nobody may look. */
export async function seeDisk(path: string): Promise<DiskFacts | undefined> {
  const found = await statfs(path).catch(() => undefined);
  return found && { path, freeBytes: found.bavail * found.bsize };
}

/** The service makes the directories that are missing, if it may write where the first of them goes. */
export async function seeCheckpointFiles({ dataDir }: Pick<Config, 'dataDir'>): Promise<CheckpointFileFacts> {
  const path = checkpointDirectory(dataDir);
  let existing = resolve(path);
  while (!(await canAccess(existing, constants.F_OK)) && dirname(existing) !== existing) existing = dirname(existing);
  return { path, isWritable: await canAccess(existing, constants.W_OK | constants.X_OK) };
}

/** Signs in at the mail server, and sends nothing. */
export async function seeMail(smtp: SmtpSettings): Promise<MailFacts> {
  const { host, port } = smtp;
  return { server: `${host.includes(':') ? `[${host}]` : host}:${port}`, failure: await probeServer(smtp) };
}

function canAccess(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

const ANSWER_DEADLINE_MS = 3_000;

/** What listens where the service would: its readiness tells that it is one. */
export async function seeServicePort(url: string): Promise<PortFacts> {
  const answer = await ask(`${url}/readyz`);
  if (typeof answer === 'string') return { url, state: { kind: answer } };
  const body = parseObject(answer.text);
  if (body?.status === 'ready') return { url, state: { kind: 'ours' } };
  if (body?.status !== 'unavailable') return { url, state: { kind: 'other' } };
  return { url, state: { kind: 'ours', unready: String(body.reason) } };
}

export async function seeMetricsPort(url: string): Promise<PortFacts> {
  const answer = await ask(`${url}/metrics`);
  if (typeof answer === 'string') return { url, state: { kind: answer } };
  return { url, state: { kind: answer.text.includes('tooken_build_info') ? 'ours' : 'other' } };
}

/** Not by `fetch`, which refuses some ports. */
async function ask(url: string): Promise<{ readonly text: string } | 'free' | 'other'> {
  const request = get(url, { agent: false, signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
  // While the body comes, the response tells of the same error.
  request.on('error', () => {});
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { text: await readText(response) };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'free' : 'other';
  } finally {
    request.destroy();
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
