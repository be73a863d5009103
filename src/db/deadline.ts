/** The database did not answer in time. Whether it did what it was asked to is unknown. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent';
  /** The code by which `isDatabaseUnavailable` knows it. */
  readonly code = 'ETIMEDOUT';
}

/**
 * Waits for the database, but not for ever: a connection whose other end has gone without a word looks like a slow one,
 * and the server's own time limits do not reach a client that cannot hear of them.
 */
export async function withinDeadline<Result>(answer: Promise<Result>, deadlineMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseSilent('the database did not answer in time')), deadlineMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}
