/** Cuts bytes that come in pieces into lines. */
export interface LineSplitter {
  /** The lines that `piece` completes, with their line feeds. They may share memory with it. */
  push(piece: Uint8Array): Generator<Uint8Array, void>;
  /** What is left without a line feed; undefined if that is nothing. */
  rest(): Uint8Array | undefined;
}

const LINE_FEED = 0x0a;

/**
 * A line of more than `maxBytes` comes out cut off there, as soon as so much of it is known, and nothing after it makes
 * sense: so memory is bounded, whatever comes.
 */
export function createLineSplitter(maxBytes: number): LineSplitter {
  let parts: Uint8Array[] = [];
  let length = 0;

  function keep(part: Uint8Array): void {
    if (part.length === 0) return;
    parts.push(part);
    length += part.length;
  }

  function takeOut(): Uint8Array {
    const [only] = parts;
    const line = parts.length === 1 && only !== undefined ? only : joined();
    parts = [];
    length = 0;
    return line;
  }

  function joined(): Uint8Array {
    const line = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      line.set(part, at);
      at += part.length;
    }
    return line;
  }

  return {
    *push(piece) {
      for (let start = 0; start < piece.length; ) {
        const feed = piece.indexOf(LINE_FEED, start);
        const end = feed === -1 ? piece.length : feed + 1;
        keep(piece.subarray(start, end));
        start = end;
        if (feed !== -1 || length > maxBytes) yield takeOut();
      }
    },
    rest: () => (length === 0 ? undefined : takeOut()),
  };
}
