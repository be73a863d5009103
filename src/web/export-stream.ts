export interface ExportStreamOptions {
  /** Asked for one piece at a time, when the last one is gone. */
  readonly pieces: AsyncGenerator<Uint8Array, void>;
  /** Whether the caller may still read; rejects when nobody can tell. */
  recheck(): Promise<boolean>;
  readonly stopping: AbortSignal;
  /** Cuts the connection; undefined where there is none, as in tests. */
  readonly cutOff: (() => void) | undefined;
  /** Told of what made it break off, unless it is one of the above. */
  onFailure(error: unknown): void;
  /** Called once, however it ends. */
  onEnd(): void;
}

/**
 * An answer in pieces that must never look whole when it is not: whatever keeps it from its end (the caller has lost its
 * rights, the process stops, the database is away) cuts the connection before the last chunk, which every client notices.
 */
export function createExportStream(options: ExportStreamOptions): ReadableStream<Uint8Array> {
  const { pieces, recheck, stopping, cutOff, onFailure, onEnd } = options;
  let hasEnded = false;
  let breakOff = (_error: Error): void => {};
  const stop = () => breakOff(new Error('this process is about to stop'));

  function end(): void {
    if (hasEnded) return;
    hasEnded = true;
    stopping.removeEventListener('abort', stop);
    // What is being read still comes, and goes nowhere.
    void pieces.return().catch(() => {});
    onEnd();
  }

  async function nextPiece(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done === true || value.byteLength > 0) return value ?? undefined;
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        breakOff = (error) => {
          if (hasEnded) return;
          end();
          // The listener would print the error of a stream; a connection that is cut cancels the stream instead.
          if (cutOff === undefined) controller.error(error);
          else cutOff();
        };
        if (stopping.aborted) stop();
        else stopping.addEventListener('abort', stop);
      },
      async pull(controller) {
        try {
          const piece = await nextPiece();
          const isAllowed = await recheck();
          if (hasEnded) return;
          if (!isAllowed) return breakOff(new Error('the caller may not read it any more'));
          if (piece !== undefined) return controller.enqueue(piece);
          end();
          controller.close();
        } catch (error) {
          if (!hasEnded) onFailure(error);
          breakOff(new Error('it could not be read to its end', { cause: error }));
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
