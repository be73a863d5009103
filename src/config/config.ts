import { z } from 'zod';
import { parseCidr } from '../lib/addresses.ts';
import { StartupError } from '../lib/startup-error.ts';
import { LOG_LEVELS } from './log-levels.ts';
import { rate } from './rate.ts';
import { toWitnesses, type Witness } from './witnesses.ts';

const PORT_OR_OFF = 'must be a whole number from 0 to 65535, or off';
const DAYS_OR_OFF = 'must be a whole number of days from 1 to 3650, or off';

/**
 * Every setting, from the environment. A variable that is set to the empty string counts as not set, as compose files
 * and CI systems often do that. Secrets (database URLs, the master key) are not here; see `secrets.ts`.
 */
const VARIABLES = {
  PORT: wholeNumber(0, 65_535).default(8080),
  HOST: z.string().min(1).default('127.0.0.1'),
  TOOKEN_DATA_DIR: z.string().min(1).default('./data'),
  TOOKEN_PUBLIC_URL: z.string().transform(toOrigin).optional(),
  TOOKEN_TRUST_PROXY: z.string().transform(toCidrs).default([]),
  TOOKEN_BOOTSTRAP: z.enum(['print', 'off'], 'must be print or off').default('print'),
  TOOKEN_WORKERS: wholeNumber(1, 64).default(1),
  TOOKEN_DB_CONNECTIONS: wholeNumber(2, 500).default(10),
  TOOKEN_LEASE_SECONDS: seconds(0.2, 60).default(2),
  TOOKEN_CACHE_TOKENS: wholeNumber(1, 10_000_000).default(200_000),
  TOOKEN_CACHE_UNKNOWN: wholeNumber(1, 10_000_000).default(100_000),
  TOOKEN_RATE_REQUESTS: rate('6000/60s'),
  TOOKEN_RATE_INTROSPECTIONS: rate('600000/60s'),
  TOOKEN_RATE_FAILURES: rate('60/60s'),
  TOOKEN_REQUEST_LOG_DAYS: z
    .union([z.literal('off').transform(() => null), wholeNumber(1, 3_650)], DAYS_OR_OFF)
    .default(30),
  TOOKEN_WITNESSES: z.string().transform(toWitnesses).default([]),
  METRICS_PORT: z.union([z.literal('off').transform(() => null), wholeNumber(0, 65_535)], PORT_OR_OFF).default(null),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  NODE_ENV: z.string().optional(),
} as const;

const EXAMPLES: Record<keyof typeof VARIABLES, string> = {
  PORT: '8080',
  HOST: '127.0.0.1',
  TOOKEN_DATA_DIR: './data',
  TOOKEN_PUBLIC_URL: 'https://tooken.example.com',
  TOOKEN_TRUST_PROXY: '10.0.0.0/8,192.168.1.7',
  TOOKEN_BOOTSTRAP: 'print',
  TOOKEN_WORKERS: '4',
  TOOKEN_DB_CONNECTIONS: '10',
  TOOKEN_LEASE_SECONDS: '2',
  TOOKEN_CACHE_TOKENS: '200000',
  TOOKEN_CACHE_UNKNOWN: '100000',
  TOOKEN_RATE_REQUESTS: '6000/60s',
  TOOKEN_RATE_INTROSPECTIONS: '600000/60s',
  TOOKEN_RATE_FAILURES: '60/60s',
  TOOKEN_REQUEST_LOG_DAYS: '30',
  TOOKEN_WITNESSES:
    'witness.example.com/w1+e8498172+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM https://witness.example.com',
  METRICS_PORT: '9464',
  METRICS_HOST: '127.0.0.1',
  LOG_LEVEL: 'info',
  NODE_ENV: 'production',
};

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  /** Issuer, base of links: scheme, host and port, no trailing slash. */
  readonly publicUrl: string;
  /** CIDR blocks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly bootstrap: 'print' | 'off';
  /** Processes that share the port. */
  readonly workers: number;
  /** For each process. */
  readonly databaseConnections: number;
  /** The longest wait of a call that takes rights away, and how long memory answers without the database. */
  readonly leaseMs: number;
  /** How many credentials memory holds at most. */
  readonly memory: { readonly maxRecords: number; readonly maxUnknown: number };
  readonly rates: Rates;
  /** For how long management calls of API keys and tokens are kept; null: they are not, and what was kept goes. */
  readonly requestLogDays: number | null;
  /** Who cosigns the checkpoints of the audit logs. */
  readonly witnesses: readonly Witness[];
  /** Where Prometheus finds the metrics; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly isProduction: boolean;
}

/** Limits; null is unlimited. */
export interface Rates {
  /** Management calls, per caller. */
  readonly requests: Rate | null;
  /** Introspections, per caller. */
  readonly introspections: Rate | null;
  /** Refused credentials, per source address. Never stands in the way of a valid credential. */
  readonly failures: Rate | null;
}

export interface Rate {
  readonly limit: number;
  readonly windowSeconds: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the configuration, or throws a {@link StartupError} that names the variable, what is wrong, and an example. */
export function readConfig(env: Environment): Config {
  const read = <Name extends keyof typeof VARIABLES>(name: Name): z.output<(typeof VARIABLES)[Name]> => {
    const result = VARIABLES[name].safeParse(env[name] === '' ? undefined : env[name]);
    if (result.success) return result.data as z.output<(typeof VARIABLES)[Name]>;
    const problem = result.error.issues[0]?.message ?? 'is not valid';
    throw new StartupError(`${name}: ${problem}. Example: ${name}=${EXAMPLES[name]}`);
  };
  const [host, port] = [read('HOST'), read('PORT')];
  const [metricsHost, metricsPort] = [read('METRICS_HOST'), read('METRICS_PORT')];
  return {
    port,
    host,
    dataDir: read('TOOKEN_DATA_DIR'),
    publicUrl: read('TOOKEN_PUBLIC_URL') ?? originOf(host, port),
    trustedProxies: read('TOOKEN_TRUST_PROXY'),
    bootstrap: read('TOOKEN_BOOTSTRAP'),
    workers: read('TOOKEN_WORKERS'),
    databaseConnections: read('TOOKEN_DB_CONNECTIONS'),
    leaseMs: read('TOOKEN_LEASE_SECONDS') * 1000,
    memory: { maxRecords: read('TOOKEN_CACHE_TOKENS'), maxUnknown: read('TOOKEN_CACHE_UNKNOWN') },
    rates: {
      requests: read('TOOKEN_RATE_REQUESTS'),
      introspections: read('TOOKEN_RATE_INTROSPECTIONS'),
      failures: read('TOOKEN_RATE_FAILURES'),
    },
    requestLogDays: read('TOOKEN_REQUEST_LOG_DAYS'),
    witnesses: read('TOOKEN_WITNESSES'),
    metrics: metricsPort === null ? null : { host: metricsHost, port: metricsPort },
    logLevel: read('LOG_LEVEL'),
    isProduction: read('NODE_ENV') === 'production',
  };
}

/** Where a service that listens there can be reached from this machine. */
export function originOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Variables that look like ours and are not: a typing mistake would otherwise go unnoticed. */
export function unknownVariables(env: Environment): string[] {
  const known = new Set([...Object.keys(VARIABLES), ...SECRET_VARIABLES, ...CLIENT_VARIABLES]);
  return Object.keys(env)
    .filter((name) => name.startsWith('TOOKEN_') && !known.has(name))
    .sort();
}

const SECRET_VARIABLES = ['TOOKEN_MASTER_KEY', 'TOOKEN_MASTER_KEY_FILE'];
/** Read by clients of Tooken, which often run in the same environment. */
const CLIENT_VARIABLES = ['TOOKEN_API_KEY', 'TOOKEN_URL'];

function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .pipe(z.number().min(least, message).max(most, message));
}

function seconds(least: number, most: number) {
  const message = `must be a number of seconds from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3})?$/, message)
    .transform(Number)
    .pipe(z.number().min(least, message).max(most, message));
}

function toOrigin(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url !== undefined && isOrigin && /^https?:$/.test(url.protocol) && url.username === '') return url.origin;
  context.addIssue('must be an http(s) URL without path, query or credentials');
  return z.NEVER;
}

function toCidrs(text: string, context: z.RefinementCtx): string[] {
  return text.split(',').map((part) => {
    const cidr = parseCidr(part.trim());
    if (cidr === undefined) context.addIssue(`must be addresses or CIDR blocks separated by commas`);
    return cidr ?? '';
  });
}
