/** A process that puts load on a server: as many requests as `connections` keep under way, each sent after an answer. */
import { openConnection } from './http-connection.ts';
import type { Expectation, LoadJob, LoadMessage, LoadResult } from './load-job.ts';
import { quantile } from './statistics.ts';

const say = (message: LoadMessage) => process.send?.(message);

process.on('message', (job: LoadJob) => {
  measure(job).then(
    (result) => say({ result }),
    (error: unknown) => say({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
say({ ready: true });

const MAX_LATENCIES = 4_000_000;
const latencies = new Float64Array(MAX_LATENCIES);

function measure({ url, requests, connections, warmUpMs, durationMs, expect }: LoadJob): Promise<LoadResult> {
  const bytes = requests.map((text) => Buffer.from(text, 'base64'));
  const isWrong = checkerOf(expect);
  const begin = performance.now() + warmUpMs;
  const end = begin + durationMs;
  const firstRequest = bytes[0];
  if (firstRequest === undefined) throw new RangeError('no requests');
  let [sent, total, answered, wrong] = [0, 0, 0, 0];
  let firstWrong: string | null = null;
  let cpu: NodeJS.CpuUsage | undefined;

  return new Promise((resolve, reject) => {
    let open = connections;
    const finish = () => {
      open -= 1;
      if (open > 0) return;
      const seconds = durationMs / 1000;
      const { user, system } = process.cpuUsage(cpu);
      const sorted = latencies.subarray(0, Math.min(answered, MAX_LATENCIES)).slice().sort();
      if (sorted.length === 0) return reject(new Error('no answer within the time'));
      resolve({
        perSecond: answered / seconds,
        total,
        wrong,
        firstWrong,
        p50Ms: quantile(sorted, 0.5),
        p99Ms: quantile(sorted, 0.99),
        loadCpu: (user + system) / 1e6 / seconds,
      });
    };
    for (let n = 0; n < connections; n += 1) {
      const connection = openConnection(new URL(url), reject);
      const next = () => {
        const start = performance.now();
        if (start >= end) {
          connection.close();
          return finish();
        }
        sent += 1;
        connection.send(bytes[sent % bytes.length] ?? firstRequest, (answer) => {
          const now = performance.now();
          total += 1;
          if (isWrong(answer.status, answer.body)) {
            wrong += 1;
            firstWrong ??= `${answer.status} ${answer.body.toString().slice(0, 300)}`;
          } else if (start >= begin && now < end) {
            cpu ??= process.cpuUsage();
            if (answered < MAX_LATENCIES) latencies[answered] = now - start;
            answered += 1;
          }
          next();
        });
      };
      next();
    }
  });
}

function checkerOf({ status, text }: Expectation): (status: number, body: Buffer) => boolean {
  const expected = Buffer.from(text);
  return (given, body) => given !== status || !body.includes(expected);
}
