import type { Database } from '../db/connection.ts';
import type { Clock } from '../lib/clock.ts';
import type { ApiKeyId, TokenId } from '../lib/ids.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Usage } from './usage/usage.ts';
import { type Use, upsertUses } from './uses-store.ts';

/** Remembers when each credential was last used, and from where. */
export interface UseRecorder extends Usage {
  /** Notes a use in memory: nothing waits for it. */
  record(credentialId: ApiKeyId | TokenId, at: Date, source: string | null): void;
  /** Writes what is left. Resolves even if the database is away; what could not be written is lost then. */
  stop(): Promise<void>;
}

interface UseRecorderDeps {
  readonly clock: Clock;
  readonly db: Database;
  readonly logger: Logger;
}

const FLUSH_INTERVAL_MS = 1000;
const BATCH_SIZE = 10_000;
/** Credentials remembered while the database is away, at some 150 bytes each; later ones are not. */
const MAX_PENDING = 100_000;

/**
 * Uses are collected in memory and written once a second in one statement, so that no request writes a row. A crash
 * loses that second of last-used times and nothing else.
 */
export function createUseRecorder({ db, clock, logger }: UseRecorderDeps): UseRecorder {
  let pending = new Map<string, Use>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let isFailing = false;
  let isStopped = false;

  const keep = (use: Use) => {
    const known = pending.get(use.credentialId);
    if (known === undefined && pending.size >= MAX_PENDING) return;
    if (known === undefined || known.at <= use.at) pending.set(use.credentialId, use);
  };

  const schedule = () => {
    if (timer !== undefined || flushing !== undefined || isStopped || pending.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      flushing = flush().finally(() => {
        flushing = undefined;
        schedule();
      });
    }, FLUSH_INTERVAL_MS);
    timer.unref();
  };

  const flush = async () => {
    const uses = [...pending.values()];
    pending = new Map();
    for (let start = 0; start < uses.length; start += BATCH_SIZE) {
      try {
        await upsertUses(db, uses.slice(start, start + BATCH_SIZE));
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.log('warn', 'uses.flush_failed', { err: error });
        isFailing = true;
        return uses.slice(start).forEach(keep);
      }
    }
  };

  const record: UseRecorder['record'] = (credentialId, at, source) => {
    keep({ credentialId, at, source });
    schedule();
  };

  return {
    record,
    introspected({ record: used, outcome, source }) {
      if (used !== null && (outcome === 'active' || outcome === 'missing_scope')) record(used.id, clock.now(), source);
    },
    called(principal, address) {
      if (principal.kind !== 'system') record(principal.id, clock.now(), address);
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await flushing;
      await flush();
    },
  };
}
