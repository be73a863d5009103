import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import type { Bench, Setting } from './support/bench.ts';
import {
  type Contender,
  contestColumns,
  contestNote,
  contestRow,
  holdContest,
  type Result,
  speedRatios,
} from './support/contest.ts';
import { ACTIVE, introspectionRequest, PEER_REQUESTS } from './support/introspection-requests.ts';
import type { Keep } from './support/keep.ts';
import { installPeers, type PeerName, peerVersions, startPeer } from './support/peers.ts';
import type { Report } from './support/report.ts';
import { startBare, startService } from './support/service.ts';

const HOT_TOKENS = 2_000;

/** How fast an answer about a token comes, next to servers that do nothing but answer, and to software of its kind. */
export const introspectionBench: Bench = {
  name: 'introspection',
  about: 'introspection against bare HTTP servers that return the same bytes, and against its peers',
  run: measureIntrospection,
};

const HERO = 'Tooken';
/** How many times as many answers as these Tooken is to give. */
const REACH = [
  { name: 'node:http', reach: 0.9 },
  { name: 'Hono', reach: 1.05 },
] as const;
const FIXED = { CALLER: 'fixed' };
const PEERS: readonly PeerSetUp[] = [
  { name: 'better-auth, PostgreSQL', peer: 'better-auth', isStored: true, reach: 40 },
  { name: 'better-auth, in memory', peer: 'better-auth', reach: 20 },
  { name: 'better-auth, PostgreSQL, fixed caller', peer: 'better-auth', isStored: true, env: FIXED },
  { name: 'better-auth, in memory, fixed caller', peer: 'better-auth', env: FIXED },
  { name: 'oidc-provider, PostgreSQL', peer: 'oidc-provider', isStored: true, reach: 12 },
  { name: 'oidc-provider, in memory', peer: 'oidc-provider', reach: 9 },
];

interface PeerSetUp {
  readonly name: string;
  readonly peer: PeerName;
  /** In PostgreSQL; otherwise it keeps its tokens in memory. */
  readonly isStored?: true;
  readonly env?: Readonly<Record<string, string>>;
  readonly reach?: number;
}

async function measureIntrospection(setting: Setting): Promise<Report> {
  const isComplete = installPeers();
  let bodyBytes = 0;
  const results = await holdContest(setting, async (keep) => {
    const own = await startOwn(keep, setting);
    bodyBytes = own.bodyBytes;
    return isComplete ? [...own.contenders, ...(await startPeers(keep, setting))] : own.contenders;
  });
  return reportOf(results, bodyBytes);
}

/** Tooken, and those who return the bytes that it does. */
async function startOwn(
  keep: Keep,
  { cluster, profileDir }: Setting,
): Promise<{ contenders: Contender[]; bodyBytes: number }> {
  const database = await keep(cluster.createDatabase('introspection'));
  const workspace = await seedWorkspace(database.sql);
  const secrets = await seedHotTokens(database.sql, workspace, HOT_TOKENS);
  const requests = secrets.map((secret) => introspectionRequest(workspace.apiKey, secret));
  const quiet = await keep(startService({ database, place: 'server', profileDir }));
  const logging = await keep(startService({ database, place: 'server', logLevel: 'info' }));
  const body = await bodyOf(quiet.url, workspace.apiKey, secrets[0] ?? '');
  const servers = [
    { name: 'node:http', server: await keep(startBare('node', body, 'server')) },
    { name: 'Hono', server: await keep(startBare('hono', body, 'server')) },
    { name: HERO, server: quiet },
    { name: `${HERO} at log level info`, server: logging },
  ];
  return {
    contenders: servers.map((each) => ({ ...each, requests, expect: ACTIVE })),
    bodyBytes: Buffer.byteLength(body),
  };
}

/** In the form that they recommend for production, each with tokens of its own. */
async function startPeers(keep: Keep, { cluster }: Setting): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [n, { name, peer, isStored, env }] of PEERS.entries()) {
    const database = isStored && (await keep(cluster.createDatabase(`peer_${n}`, { isEmpty: true })));
    const server = await keep(startPeer(peer, { place: 'server', tokenCount: HOT_TOKENS, database, env }));
    const requests = server.tokens.map((token) => PEER_REQUESTS[peer](server.authorization, token));
    contenders.push({ name, server, requests, expect: ACTIVE });
  }
  return contenders;
}

function reportOf(results: readonly Result[], bodyBytes: number): Report {
  const named = (name: string) => results.find((result) => result.name === name);
  const hero = named(HERO);
  if (hero === undefined) throw new Error('nobody was measured');
  const goals = [...REACH, ...PEERS].flatMap(({ name, reach }) => {
    const result = named(name);
    if (result === undefined || reach === undefined) return [];
    return [
      {
        what: `against ${name}`,
        value: speedRatios(hero, result).median,
        reach,
        unit: ' ×',
        better: 'higher' as const,
      },
    ];
  });
  const missing = PEERS.filter(({ name }) => named(name) === undefined);
  return {
    title: 'Introspection',
    notes: [
      `${HOT_TOKENS.toLocaleString('en')} hot tokens, answers of ${bodyBytes} bytes, the caller authenticated on every ` +
        `request. ${contestNote(results)}`,
      missing.length === 0 ? `Peers: ${peerVersions()}.` : 'The peers could not be installed (`npm ci` in bench/).',
    ],
    columns: ['server', ...contestColumns(`${HERO} against it`)],
    rows: [
      ...results.map((result) => contestRow(result, hero, result)),
      ...missing.map(({ name }) => [name, 'not measured', '', '', '', '', '', '']),
    ],
    goals,
  };
}

async function bodyOf(url: string, apiKey: string, token: string): Promise<string> {
  const response = await fetch(`${url}/v1/tokens/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    body: new URLSearchParams({ token }),
  });
  return response.text();
}
