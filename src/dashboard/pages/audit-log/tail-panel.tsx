/** Watching the log: what a script shows and fills in. */
export function LivePanel({ stream }: { stream: string }) {
  return (
    <div class="live" data-stream={stream} hidden>
      <button type="button" class="button" data-live="watch" aria-pressed="false">
        <span class="live-dot" aria-hidden="true" />
        Watch live
      </button>
      <button type="button" class="button button-quiet" data-live="pause" hidden>
        Pause
      </button>
      <span class="muted" data-live="state" role="status" />
      <div class="unseen" data-live="log" role="log" aria-label="New events" />
    </div>
  );
}
