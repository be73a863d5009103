import { systemRandom } from '../src/lib/random.ts';
import { signInRequest } from './sign-in-requests.ts';
import { type HttpConnection, openConnection } from './support/http-connection.ts';
import { summarise } from './support/statistics.ts';

/** How long wrong passwords take, for members and for emails that nobody has. */
export interface PairedComparison {
  readonly count: number;
  /** Medians. */
  readonly knownMs: number;
  readonly unknownMs: number;
  /** The median of what the member's took longer within a pair, and where that lies with 95 % confidence. */
  readonly differenceMs: number;
  readonly interval: readonly [least: number, greatest: number];
  /** In which share of the pairs the member's took longer, and how far that is off with 95 % confidence. */
  readonly slowerShare: number;
  readonly slowerMargin: number;
}

const WRONG_PASSWORD = 'four quiet lakes at dusk';
const Z_95 = 1.96;

/**
 * Tries each of `emails` and one that nobody has `rounds` times, at most four, which locks none of them. Each pair is sent
 * one right after the other, in an order drawn by lot, so that whatever slows the machine down slows both.
 */
export async function comparePairs(url: string, emails: readonly string[], rounds: number): Promise<PairedComparison> {
  const connection = openConnection(new URL(url), (error) => {
    throw error;
  });
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [n, email] of emails.entries()) {
      const pair = [
        { email, times: known },
        { email: `nobody-${n}@example.com`, times: unknown },
      ];
      if (systemRandom.bytes(1).readUInt8(0) % 2 === 0) pair.reverse();
      for (const each of pair) each.times.push(await timeOf(connection, each.email));
    }
  }
  connection.close();
  return compare(known, unknown);
}

function timeOf(connection: HttpConnection, email: string): Promise<number> {
  const request = signInRequest(email, WRONG_PASSWORD);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    connection.send(request, ({ status }) => {
      const ms = performance.now() - start;
      if (status === 401) resolve(ms);
      else reject(new Error(`a wrong password was answered with ${status}`));
    });
  });
}

/** The interval of the median of the differences comes from their order alone: nothing is assumed of how they spread. */
function compare(known: readonly number[], unknown: readonly number[]): PairedComparison {
  const differences = known.map((ms, n) => ms - (unknown[n] ?? Number.NaN)).sort((a, b) => a - b);
  const count = differences.length;
  const margin = (Z_95 * Math.sqrt(count)) / 2;
  const at = (place: number) => differences[Math.min(count - 1, Math.max(0, Math.round(place)))] ?? Number.NaN;
  return {
    count,
    knownMs: summarise(known).median,
    unknownMs: summarise(unknown).median,
    differenceMs: summarise(differences).median,
    interval: [at(count / 2 - margin), at(count / 2 + margin)],
    slowerShare: differences.filter((ms) => ms > 0).length / count,
    slowerMargin: Z_95 / (2 * Math.sqrt(count)),
  };
}
