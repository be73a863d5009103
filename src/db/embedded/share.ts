/**
 * Commands that find no service share one server: the first launches it, others join it while it runs. Each that joined
 * holds an advisory lock, shared, for as long as it works; the one that launched takes it alone before it stops the
 * server. One that asks for the lock too late loses its connection instead of getting it, has done nothing yet, and
 * starts over.
 */
import { type ConnectionTarget, connect } from '../connection.ts';

/** Any constant will do, as long as every version of Tooken uses the same. */
const SHARE_LOCK = 7_403_616_283;
/** Longer than a command should need; a hung one must not keep the others from stopping for good. */
const PATIENCE_MS = 30_000;

/** Rejects if the server is being stopped, or gone. */
export async function shareServer(target: ConnectionTarget): Promise<{ release(): Promise<void> }> {
  const sql = connect(target, { max: 1, connection: { application_name: 'tooken-share' } });
  try {
    await sql`select pg_advisory_lock_shared(${SHARE_LOCK})`;
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  return { release: () => sql.end({ timeout: 0 }) };
}

/** Waits until nobody shares the server, and runs `stop` while nobody can begin to. */
export async function stopUnshared(target: ConnectionTarget, stop: () => Promise<void>): Promise<void> {
  const sql = connect(target, { max: 1, connection: { application_name: 'tooken-share', lock_timeout: PATIENCE_MS } });
  try {
    await sql`select pg_advisory_lock(${SHARE_LOCK})`;
  } catch {
    // Out of patience, or the server is gone already: either way it is to stop.
  } finally {
    await stop();
    await sql.end({ timeout: 0 });
  }
}
