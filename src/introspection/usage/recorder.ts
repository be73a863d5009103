import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { TokenRecord } from '../record.ts';
import { toldOutcome } from './outcome.ts';
import { type CredentialHolder, createTally } from './tally.ts';
import type { Introspection, Usage } from './usage.ts';
import type { UsageWriter } from './writer.ts';

/** Counts uses in memory and has them written once a second. A crash loses what that second has brought, and no more. */
export interface UsageRecorder extends Usage {
  /** Uses that are not written yet. */
  backlog(): number;
  /** Writes what is left. What cannot be written even then goes to the service's own log, as a number. */
  stop(): Promise<void>;
}

export interface UsageRecorderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: UsageWriter;
}

const FLUSH_INTERVAL_MS = 1_000;
/**
 * Some 400 bytes each: 20 MB, at most 40 MB. A second rarely brings more; while the database is away, the lease ends
 * before much more can come.
 */
const BOUNDS = { maxCounters: 50_000, maxPerCredential: 1_000 };

export function createUsageRecorder({ clock, logger, writer }: UsageRecorderOptions): UsageRecorder {
  const tally = createTally(BOUNDS);
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let isStopped = false;

  function schedule(delayMs = FLUSH_INTERVAL_MS): void {
    if (timer !== undefined || flushing !== undefined || isStopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      const startMs = clock.monotonicMs();
      flushing = flush().finally(() => {
        flushing = undefined;
        // What came meanwhile has waited already.
        if (backlog() > 0) schedule(Math.max(0, startMs + FLUSH_INTERVAL_MS - clock.monotonicMs()));
      });
    }, delayMs);
    timer.unref();
  }

  /** What could not be written before comes first. Until that is done the tally, which is bounded, takes what comes. */
  async function flush(): Promise<void> {
    if (!(await writer.write())) return;
    writer.add(tally.take());
    await writer.write();
  }

  function backlog(): number {
    return writer.held() + tally.uses();
  }

  return {
    introspected({ record, introspector, source, outcome }: Introspection, at = clock.now()) {
      if (introspector.kind === 'system') return;
      const atMs = at.getTime();
      const told = toldOutcome(outcome);
      if (record?.kind === 'token' && isInRealmOf(introspector, record)) {
        tally.count(record, introspector, told, source, atMs);
      } else {
        tally.count(null, introspector, told === 'malformed' ? told : 'unknown', null, atMs);
      }
      schedule();
    },
    called(principal, address, at = clock.now()) {
      // Sessions say themselves when they were last seen.
      if (principal.kind === 'system' || principal.kind === 'member') return;
      tally.count(principal, null, 'active', address, at.getTime());
      schedule();
    },
    backlog,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await flushing;
      await flush();
      if (backlog() > 0) logger.log('error', 'usage.counts_lost', { count: backlog() });
    },
  };
}

function isInRealmOf({ workspaceId, environment }: CredentialHolder, token: TokenRecord): boolean {
  return token.workspaceId === workspaceId && token.environment === environment;
}
