/**
 * Server-sent events as the HTML standard has them ("Server-sent events", section 9.2). A block ends with an empty line.
 * One that has no data is no event to a client, but its `id` is remembered, and sent as `Last-Event-ID` after a reconnect.
 */
export interface SentEvent {
  /** What the client sends back to go on behind this event. */
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** JSON has no line break in it, which would end the data. */
export function formatSentEvent({ id, event, data }: SentEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The beginning of a stream: where it stands, and how soon to come back when it ends. */
export function formatOpening(id: number, retryMs: number): string {
  return `retry: ${retryMs}\nid: ${id}\n\n`;
}

/** Keeps the connection alive, and tells where the stream stands. */
export function formatHeartbeat(id: number): string {
  return `: heartbeat\nid: ${id}\n\n`;
}
