import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { CHECKS } from '../../src/operator/doctor/checks.ts';
import type {
  ContentFacts,
  DatabaseFacts,
  Facts,
  ReplicaFacts,
  WitnessFacts,
} from '../../src/operator/doctor/facts.ts';
import type { Level } from '../../src/operator/doctor/finding.ts';

const RUNNING: ReplicaFacts = { address: 'one:7', leaseMs: 2_000, ageMs: 9_000, sinceRenewalMs: 300 };
const SILENT: ReplicaFacts = { ...RUNNING, address: 'two:8', sinceRenewalMs: 60_000 };
const QUIET = {
  replicas: 1,
  invalidations: 0,
  pendingEvents: 0,
  oldestPendingMs: 0,
  unsignedEvents: 0,
  oldestUnsignedMs: 0,
  haltedLogs: 0,
};

const CONTENTS: ContentFacts = {
  excessRights: [],
  missingRights: [],
  missingTriggers: [],
  hasNameIndex: true,
  fingerprint: 'f1',
  people: { workspaces: 2, owners: 1 },
  replicas: [RUNNING],
  vitals: QUIET,
  oldestInvalidationMs: 0,
  haltedLogs: [],
  witnesses: [],
};

const DATABASE: DatabaseFacts = {
  server: {
    version: '18.4',
    versionNumber: 180_004,
    encoding: 'UTF8',
    isReadOnly: false,
    settingsOff: [],
    latencyMs: 0.4,
    connections: { limit: 97, used: 6, own: 5 },
  },
  role: { name: 'tooken_app', isSuperuser: false, isOwner: false },
  migrations: { pending: 0, isNewer: false },
  clockAheadMs: 3,
  contents: CONTENTS,
};

const config = (env: Record<string, string>) => ({ value: readConfig({ NODE_ENV: 'production', ...env }) });
const PUBLIC = { TOOKEN_PUBLIC_URL: 'https://tooken.example.com', TOOKEN_TRUST_PROXY: '10.0.0.7' };

const WELL: Facts = {
  program: { version: '1.2.3', node: 'v20.19.0', cores: 4 },
  config: config(PUBLIC),
  secrets: { value: { isEmbedded: false, hasMigrationUrl: true } },
  unknownVariables: [],
  masterKey: {
    source: 'TOOKEN_MASTER_KEY_FILE',
    file: { path: '/run/key', mode: 0o600 },
    fingerprint: { value: 'f1' },
  },
  disk: undefined,
  checkpointFiles: { path: '/data/checkpoints', isWritable: true },
  servicePort: { url: 'http://127.0.0.1:8080', state: { kind: 'ours' } },
  metricsPort: { url: 'http://127.0.0.1:9464', state: { kind: 'ours' } },
  mail: { server: 'mail.example.com:587', failure: undefined },
  database: { value: DATABASE },
};

const database = (change: Partial<DatabaseFacts>): Partial<Facts> => ({
  database: { value: { ...DATABASE, ...change } },
});
const KEY = 'w.example+0e2d849b+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM';
const watchedBy = (facts: Omit<WitnessFacts, 'name'>): Partial<Facts> => ({
  config: config({ ...PUBLIC, TOOKEN_WITNESSES: `${KEY} https://w.example` }),
  ...database({ contents: { ...CONTENTS, witnesses: [{ name: 'w.example', ...facts }] } }),
});
const server = (change: Partial<DatabaseFacts['server']>) => database({ server: { ...DATABASE.server, ...change } });
const contents = (change: Partial<ContentFacts>) => database({ contents: { ...CONTENTS, ...change } });
const vitals = (change: Partial<ContentFacts['vitals']>) => contents({ vitals: { ...QUIET, ...change } });
const role = (change: Partial<DatabaseFacts['role']>) => database({ role: { ...DATABASE.role, ...change } });
const key = (change: Partial<NonNullable<Facts['masterKey']>>): Partial<Facts> => ({
  masterKey: { source: '/data/master.key', file: undefined, fingerprint: undefined, ...change },
});
const embedded = (disk: Facts['disk']): Partial<Facts> => ({
  secrets: { value: { isEmbedded: true, hasMigrationUrl: false } },
  disk,
});
const port = (state: NonNullable<Facts['servicePort']>['state']) => ({ url: 'http://127.0.0.1:8080', state });

function examine(name: string, facts: Facts) {
  const check = CHECKS.find((each) => each.name === name);
  if (check === undefined) throw new Error(`there is no check ${name}`);
  return check.examine(facts);
}

test.each(CHECKS)('$name is ok where all is well', ({ examine: look }) => {
  expect(look(WELL)).toEqual({ level: 'ok', found: expect.stringMatching(/^[^\n]+\.$/) });
});

describe('what differs from that', () => {
  const cases: readonly [check: string, change: Partial<Facts>, level: Level, found: RegExp][] = [
    ['configuration', { config: { failure: 'PORT: must be a number.' } }, 'problem', /^PORT: must be a number\.$/],
    ['configuration', { config: { value: readConfig({}) } }, 'ok', /NODE_ENV is not production/],
    ['secrets', { secrets: { failure: 'DATABASE_URL: must be a URL.' } }, 'problem', /^DATABASE_URL: must be/],
    ['unknown variables', { unknownVariables: ['TOOKEN_PRT', 'TOOKEN_X'] }, 'warning', /TOOKEN_PRT, TOOKEN_X have no/],
    ['public URL', { config: config({}) }, 'warning', /no other machine reaches it/],
    ['public URL', { config: config({ TOOKEN_PUBLIC_URL: 'http://t.example.com' }) }, 'warning', /in the clear/],
    ['public URL', { config: { value: readConfig({}) } }, 'ok', /http:\/\/127\.0\.0\.1:8080/],
    ['proxies', { config: config({ TOOKEN_TRUST_PROXY: '10.0.0.0/8,0.0.0.0/0' }) }, 'problem', /trusts every address/],
    ['proxies', { config: config({ TOOKEN_TRUST_PROXY: '::/0' }) }, 'problem', /trusts every address/],
    ['proxies', { config: config({ ...PUBLIC, TOOKEN_TRUST_PROXY: '' }) }, 'warning', /seems to come from there/],
    ['proxies', { config: config({}) }, 'ok', /None/],
    ['workers', { config: config({ TOOKEN_WORKERS: '5' }) }, 'warning', /^5 processes on 4 cores\.$/],
    ['port', { servicePort: port({ kind: 'free' }) }, 'ok', /does not run here/],
    ['port', { servicePort: port({ kind: 'other' }) }, 'problem', /Something else/],
    ['port', { servicePort: port({ kind: 'ours', unready: 'starting' }) }, 'warning', /not ready: starting/],
    ['metrics port', { metricsPort: port({ kind: 'other' }) }, 'problem', /Something else/],
    ['metrics port', { metricsPort: undefined }, 'ok', /^Off/],
    ['mail', { mail: undefined }, 'ok', /^Off/],
    [
      'mail',
      { mail: { server: 'm:25', failure: { code: 'ESOCKET' } } },
      'problem',
      /^m:25 takes no mail .*\(ESOCKET\)/,
    ],
    [
      'mail',
      { mail: { server: 'm:25', failure: { code: 'EAUTH', response_code: 535 } } },
      'problem',
      /\(EAUTH, answer 535\)\.$/,
    ],
    ['owners', contents({ people: { workspaces: 0, owners: 0 } }), 'ok', /no workspace yet/],
    ['owners', contents({ people: { workspaces: 1, owners: 0 } }), 'warning', /^No owner can sign in/],
    ['disk', embedded({ path: '/data', freeBytes: 9e9 }), 'ok', /^8,583 MiB/],
    ['disk', embedded({ path: '/data', freeBytes: 5e8 }), 'warning', /^476 MiB/],
    ['disk', embedded({ path: '/data', freeBytes: 5e7 }), 'problem', /^47 MiB/],
    ['master key file', key({ file: { path: '/k', mode: 0o640 } }), 'warning', /open to other users: mode 0640/],
    ['master key file', key({}), 'ok', /made at the first start/],
    [
      'master key file',
      key({ source: 'TOOKEN_MASTER_KEY', fingerprint: { value: 'f1' } }),
      'ok',
      /^None: TOOKEN_MASTER/,
    ],
    ['database', { database: { failure: 'DATABASE_URL: cannot be reached.' } }, 'problem', /cannot be reached/],
    ['database', server({ version: '14.9', versionNumber: 140_009 }), 'problem', /PostgreSQL 14\.9/],
    ['database', server({ latencyMs: 40 }), 'warning', /40 ms away/],
    ['primary', server({ isReadOnly: true }), 'problem', /only be read/],
    ['characters', server({ encoding: 'SQL_ASCII' }), 'problem', /SQL_ASCII/],
    ['durability', server({ settingsOff: ['fsync'] }), 'warning', /^fsync is off/],
    [
      'durability',
      server({ settingsOff: ['fsync', 'synchronous_commit'] }),
      'warning',
      /^fsync, synchronous_commit are/,
    ],
    ['connections', server({ connections: { limit: 19, used: 1, own: 1 } }), 'warning', /up to 20; .* 19 of 19/],
    ['connections', server({ connections: { limit: 97, used: 90, own: 2 } }), 'warning', /has 9 of 97/],
    ['clock', database({ clockAheadMs: 30_000 }), 'warning', /^30 s ahead of/],
    ['clock', database({ clockAheadMs: -901_000 }), 'problem', /^15 min behind/],
    ['migrations', database({ migrations: { pending: 2, isNewer: false } }), 'problem', /^2 migrations to be made/],
    ['migrations', database({ migrations: { pending: 0, isNewer: true } }), 'problem', /newer version/],
    ['role', role({ isSuperuser: true }), 'warning', /superuser/],
    ['role', role({ isOwner: true }), 'warning', /owns the tables/],
    ['rights', contents({ missingRights: ['INSERT on tokens'] }), 'problem', /lacks INSERT on tokens/],
    [
      'append-only records',
      contents({ excessRights: ['DELETE on audit_events'] }),
      'warning',
      /has DELETE on audit_ev/,
    ],
    ['append-only records', role({ isOwner: true }), 'ok', /triggers alone/],
    [
      'triggers',
      contents({ missingTriggers: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }),
      'problem',
      /a, b, c, d, e and 2 more/,
    ],
    ['name search', contents({ hasNameIndex: false }), 'warning', /Without pg_trgm/],
    ['master key', contents({ fingerprint: 'f2' }), 'problem', /not the one of this database/],
    ['master key', contents({ fingerprint: undefined }), 'ok', /belongs to none yet/],
    ['master key', key({ fingerprint: undefined }), 'problem', /\/data\/master\.key is missing/],
    ['master key', key({ fingerprint: { failure: 'must be 32 bytes.' } }), 'problem', /32 bytes/],
    ['replicas', contents({ replicas: [] }), 'warning', /None runs\. Yet Tooken answers/],
    ['replicas', contents({ replicas: [RUNNING, SILENT] }), 'warning', /1 replica: one:7 .*Silent: two:8/],
    ['leases', contents({ replicas: [RUNNING, { ...RUNNING, leaseMs: 10_000 }] }), 'warning', /2 s, 10 s/],
    ['leases', contents({ replicas: [SILENT] }), 'ok', /No replica/],
    ['invalidations', vitals({ invalidations: 10_000 }), 'warning', /10000 or more/],
    [
      'invalidations',
      contents({ vitals: { ...QUIET, invalidations: 3 }, oldestInvalidationMs: 3_600_000 }),
      'warning',
      /^3 kept, the oldest for 1 h/,
    ],
    ['checkpoints', vitals({ unsignedEvents: 4, oldestUnsignedMs: 200 }), 'ok', /^4 events not covered/],
    ['checkpoints', vitals({ unsignedEvents: 1, oldestUnsignedMs: 40_000 }), 'warning', /^1 event not .* for 40 s/],
    ['checkpoints', vitals({ unsignedEvents: 4, oldestUnsignedMs: 150_000 }), 'problem', /for 2\.5 min/],
    [
      'checkpoints',
      contents({ replicas: [], vitals: { ...QUIET, unsignedEvents: 1, oldestUnsignedMs: 9e9 } }),
      'ok',
      /The next start signs/,
    ],
    ['checkpoints', contents({ haltedLogs: [{ log: 'ws_1', reason: 'Why.' }] }), 'problem', /for ws_1: Why\.$/],
    [
      'checkpoints',
      contents({ haltedLogs: ['a', 'b', 'c'].map((log) => ({ log, reason: 'Why.' })) }),
      'problem',
      /for a: Why\. So it is with 2 other logs\.$/,
    ],
    [
      'checkpoint files',
      { checkpointFiles: { path: '/data/checkpoints', isWritable: false } },
      'warning',
      /cannot write \/data\/checkpoints/,
    ],
    ['audit log', vitals({ pendingEvents: 4, oldestPendingMs: 200 }), 'ok', /^4 events without/],
    ['audit log', vitals({ pendingEvents: 4, oldestPendingMs: 20_000 }), 'warning', /the oldest for 20 s/],
    ['audit log', vitals({ pendingEvents: 4, oldestPendingMs: 90_000 }), 'problem', /the oldest for 1\.5 min/],
    [
      'audit log',
      contents({ replicas: [], vitals: { ...QUIET, pendingEvents: 1, oldestPendingMs: 9e9 } }),
      'ok',
      /^1 event .*The next start/,
    ],
    ['witnesses', {}, 'ok', /^None/],
    ['witnesses', watchedBy({ logs: 0, behind: 0, sinceCosignedMs: null }), 'ok', /^w\.example has nothing/],
    [
      'witnesses',
      watchedBy({ logs: 3, behind: 0, sinceCosignedMs: 4_000 }),
      'ok',
      /^w\.example last cosigned 4 s ago\.$/,
    ],
    [
      'witnesses',
      watchedBy({ logs: 3, behind: 1, sinceCosignedMs: 3_600_000 }),
      'warning',
      /last cosigned 1 h ago, and is behind with 1 of 3 logs/,
    ],
    [
      'witnesses',
      watchedBy({ logs: 1, behind: 1, sinceCosignedMs: null }),
      'warning',
      /has cosigned nothing, and is behind with 1 of 1 log\./,
    ],
  ];

  test.each(cases.map(([check, change, level, found]) => ({ check, change, level, found })))(
    'is judged: $check, $level, $found',
    ({ check, change, level, found }) => {
      const finding = examine(check, { ...WELL, ...change });
      expect(finding).toMatchObject({ level, found: expect.stringMatching(found) });
      // Of a start that fails the message says what to do.
      const isOfOthers = /must be|cannot be reached/.test(finding?.found ?? '');
      expect(finding?.advice === undefined).toBe(level === 'ok' || isOfOthers);
    },
  );

  test('a port that is free says nothing about replicas elsewhere', () => {
    const free = { ...WELL, ...contents({ replicas: [] }), servicePort: port({ kind: 'free' }) };
    expect(examine('replicas', free)).toMatchObject({ level: 'ok', found: 'None runs.' });
  });

  test('connections are no concern of the embedded database, which makes room for them', () => {
    const few = server({ connections: { limit: 1, used: 1, own: 1 } });
    expect(examine('connections', { ...WELL, ...few, ...embedded(undefined) })).toMatchObject({ level: 'ok' });
  });
});

test('a check says nothing about what was not to be seen', () => {
  const blind: Facts = {
    ...WELL,
    config: { failure: 'PORT: must be a number.' },
    secrets: { failure: 'DATABASE_URL: must be a URL.' },
    masterKey: undefined,
    disk: undefined,
    checkpointFiles: undefined,
    servicePort: undefined,
    metricsPort: undefined,
    mail: undefined,
    database: undefined,
  };
  const findings = CHECKS.map(({ name, examine: look }) => [name, look(blind)?.level] as const);
  expect(findings.filter(([, level]) => level !== undefined)).toEqual([
    ['version', 'ok'],
    ['configuration', 'problem'],
    ['secrets', 'problem'],
    ['unknown variables', 'ok'],
  ]);
});
