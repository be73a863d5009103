import { seedMembers } from './seed/members.ts';
import { seedHotTokens } from './seed/tokens.ts';
import { seedWorkspace } from './seed/workspace.ts';
import { signInRequest } from './sign-in-requests.ts';
import { comparePairs, type PairedComparison } from './sign-in-timing.ts';
import type { Bench, Setting } from './support/bench.ts';
import { inRounds } from './support/bench.ts';
import { ACTIVE, introspectionRequest } from './support/introspection-requests.ts';
import { whileKept } from './support/keep.ts';
import { startLoadGenerator } from './support/load.ts';
import { watchMemory } from './support/peak-memory.ts';
import { number, progress, type Report, spread } from './support/report.ts';
import { startService } from './support/service.ts';
import { ratios, summarise } from './support/statistics.ts';

/** Whether an answer tells who has an account, and what everybody else has of many who sign in at once. */
export const signInBench: Bench = {
  name: 'sign-in',
  about: 'timing of emails that nobody has against those of members, and introspection beside 200 sign-ins at once',
  run: measureSignIn,
};

const HOT_TOKENS = 2_000;
const MEMBERS = 400;
/** One less than what locks. */
const ROUNDS_OF_PAIRS = 4;
const SIGNING_IN = 200;
const INTROSPECTING = 64;
/** How much of their answers introspections are to keep, and how much memory sign-ins may take. */
const KEPT_SHARE = 0.8;
const MEMORY_MIB = 100;
const NO_LIMIT = { TOOKEN_RATE_FAILURES: 'off' };

async function measureSignIn({ size, cluster, profileDir }: Setting): Promise<Report> {
  return whileKept(async (keep) => {
    const database = await keep(cluster.createDatabase('sign_in'));
    const workspace = await seedWorkspace(database.sql);
    const secrets = await seedHotTokens(database.sql, workspace, HOT_TOKENS);
    const emails = await seedMembers(database.sql, workspace, MEMBERS);
    const service = await keep(startService({ database, profileDir, env: NO_LIMIT }));
    const [questions, signIns] = [await keep(startLoadGenerator()), await keep(startLoadGenerator())];
    progress('  unknown against known');
    const pairs = await comparePairs(service.url, emails.slice(0, size === 'quick' ? 50 : MEMBERS), ROUNDS_OF_PAIRS);
    await database.sql`delete from sign_in_failures`;

    const durationMs = size === 'quick' ? 5_000 : 15_000;
    const [alone, beside, signedIn, grown]: [number[], number[], number[], number[]] = [[], [], [], []];
    const introspect = async () => {
      const requests = secrets.map((secret) => introspectionRequest(workspace.apiKey, secret));
      const job = { url: service.url, requests, connections: INTROSPECTING, expect: ACTIVE };
      return (await questions.measure({ ...job, warmUpMs: 500, durationMs })).perSecond;
    };
    const signIn = async () => {
      const requests = emails.map((email) => signInRequest(email));
      const expect = { status: 200, text: '"access_token":"' };
      const job = { url: service.url, requests, connections: SIGNING_IN, expect };
      // They wait for each other for seconds: whatever was sent during a warm-up would be missing from the figure.
      return (await signIns.measure({ ...job, warmUpMs: 0, durationMs })).perSecond;
    };
    await introspect();
    await inRounds(size === 'quick' ? 3 : 7, [
      async () => void alone.push(await introspect()),
      async () => {
        const watched = watchMemory(service.pid);
        const [answers, completed] = await Promise.all([introspect(), signIn()]);
        const { startBytes, peakBytes } = watched();
        beside.push(answers);
        signedIn.push(completed);
        grown.push((peakBytes - startBytes) / 2 ** 20);
        progress(`  ${number(answers)} introspections/s beside ${number(completed)} sign-ins/s`);
      },
    ]);
    const quiet = await signIn();
    return reportOf(pairs, { alone, beside, signedIn, grown, quiet });
  });
}

interface Throughput {
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  readonly signedIn: readonly number[];
  readonly grown: readonly number[];
  readonly quiet: number;
}

function reportOf(pairs: PairedComparison, { alone, beside, signedIn, grown, quiet }: Throughput): Report {
  const kept = ratios(beside, alone);
  const { knownMs, unknownMs, differenceMs, interval, count, slowerShare, slowerMargin } = pairs;
  return {
    title: 'Signing in',
    notes: [
      `Wrong passwords, one at a time, ${count} pairs of a member's email and one that nobody has, in an order drawn for ` +
        `each: medians ${number(knownMs)} and ${number(unknownMs)} ms. The median difference within a pair is ` +
        `${number(differenceMs)} ms, with 95 % confidence between ${number(interval[0])} and ${number(interval[1])} ms; the member's ` +
        `was the slower one in ${number(slowerShare * 100)} ± ${number(slowerMargin * 100)} % of the pairs, where 50 % tells nothing.`,
      `${SIGNING_IN} sign-ins with the right password at once, all the time, beside ${INTROSPECTING} connections that introspect; ` +
        `all cores for everybody. Without introspections there were ${number(quiet)} sign-ins/s.`,
    ],
    columns: ['introspections', 'answers/s', 'of alone', 'sign-ins/s', 'memory MiB'],
    rows: [
      ['alone', spread(summarise(alone)), '', '', ''],
      [
        `beside ${SIGNING_IN} sign-ins`,
        spread(summarise(beside)),
        spread(kept),
        spread(summarise(signedIn)),
        spread(summarise(grown)),
      ],
    ],
    goals: [
      { what: 'introspection beside sign-ins', value: kept.median, reach: KEPT_SHARE, unit: ' ×', better: 'higher' },
      { what: 'memory of sign-ins', value: summarise(grown).max, reach: MEMORY_MIB, unit: ' MiB', better: 'lower' },
    ],
  };
}
