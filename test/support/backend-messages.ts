/** Cuts what a PostgreSQL server sends into messages: a type, a length, and so many bytes (PostgreSQL manual, 54.7). */
export interface MessageCutter {
  /** The messages that are complete with `chunk`. */
  take(chunk: Buffer): Buffer[];
}

const HEAD_BYTES = 5;

export function createMessageCutter(): MessageCutter {
  let rest: Buffer = Buffer.alloc(0);
  return {
    take(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const messages: Buffer[] = [];
      while (rest.length >= HEAD_BYTES) {
        // The length counts itself, and not the type before it.
        const size = 1 + rest.readInt32BE(1);
        if (rest.length < size) break;
        messages.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      return messages;
    },
  };
}

/** What `NOTIFY` brings to those who listen. */
export function isNotification(message: Buffer): boolean {
  return message[0] === 'A'.charCodeAt(0);
}

/** A row of what a query has found. */
export function isRow(message: Buffer): boolean {
  return message[0] === 'D'.charCodeAt(0);
}

/** The `application_name` in what a client sends first; undefined if there is none. */
export function applicationNameIn(startupMessage: Buffer): string | undefined {
  const words = startupMessage.subarray(8).toString('utf8').split('\0');
  const place = words.findIndex((word, n) => n % 2 === 0 && word === 'application_name');
  return place < 0 ? undefined : words[place + 1];
}
