import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, databaseUrl } from './cluster.ts';
import type { Place } from './machine.ts';
import { ROOT, run } from './processes.ts';
import { progress } from './report.ts';
import { freePort, type Server } from './service.ts';

/** Software of others that answers the same question. */
export interface Peer extends Server, PeerClient {}

/** What a peer says when it is ready: who may ask it, and about what. */
interface PeerClient {
  readonly authorization: string;
  readonly tokens: readonly string[];
}

const PEER_NAMES = ['better-auth', 'oidc-provider'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

const BENCH = join(ROOT, 'bench');
const INSTALL = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--fetch-timeout=60000'];

/** Installs what `bench/package.json` asks for, unless it is there. False, and a line that says so, if that fails. */
export function installPeers(): boolean {
  const [lock, installed] = [join(BENCH, 'package-lock.json'), join(BENCH, 'node_modules', '.package-lock.json')];
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return true;
  progress('  installing the peers (npm ci in bench/)');
  try {
    execFileSync('npm', INSTALL, { cwd: BENCH, stdio: ['ignore', 2, 2] });
    return true;
  } catch {
    progress('  npm ci has failed in bench/: better-auth and oidc-provider are not measured');
    return false;
  }
}

/** `better-auth 1.2.3, oidc-provider 4.5.6` */
export function peerVersions(): string {
  const { dependencies } = JSON.parse(readFileSync(join(BENCH, 'package.json'), 'utf8')) as {
    dependencies: Record<PeerName, string>;
  };
  return PEER_NAMES.map((name) => `${name} ${dependencies[name]}`).join(', ');
}

interface PeerOptions {
  readonly place: Place;
  readonly tokenCount: number;
  /** An empty database of its own; without, it keeps everything in memory. */
  readonly database?: Database | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Resolves once it listens and its tokens are made. */
export async function startPeer(name: PeerName, { place, tokenCount, database, env }: PeerOptions): Promise<Peer> {
  const port = await freePort();
  const { child, pid, stop } = run([process.execPath, join(BENCH, 'contenders', `${name}.mjs`)], {
    place,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      TOKENS: String(tokenCount),
      ...env,
      ...(database && { DATABASE_URL: databaseUrl(database.owner) }),
    },
  });
  const client = await new Promise<PeerClient>((resolve, reject) => {
    child.once('message', (message) => resolve(message as PeerClient));
    child.once('exit', () => reject(new Error(`${name} has ended before it answered`)));
  });
  return { url: `http://127.0.0.1:${port}`, pid, stop, ...client };
}
