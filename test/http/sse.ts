import type { TestAnswer } from '../support/answer.ts';

/** One block of a stream of server-sent events, as a client of the HTML standard reads it. */
export interface Block {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: TestAnswer['body'];
  readonly comment: string | undefined;
}

export interface BlockReader {
  /** Undefined at the end of the stream. */
  next(): Promise<Block | undefined>;
  /** The next block with data. */
  nextEvent(): Promise<Block | undefined>;
  close(): Promise<void>;
}

/** Reads block by block, and asks the stream for no more than that. */
export function readBlocks(body: ReadableStream<Uint8Array> | null): BlockReader {
  if (body === null) throw new Error('an answer without a body');
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';

  async function next(): Promise<Block | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = parseBlock(text.slice(0, end));
        text = text.slice(end + 2);
        return block;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  }

  return {
    next,
    async nextEvent() {
      for (;;) {
        const block = await next();
        if (block === undefined || block.data !== undefined) return block;
      }
    },
    close: () => reader.cancel(),
  };
}

function parseBlock(text: string): Block {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name = '', ...value] = line.split(':');
    fields.set(name, value.join(':').replace(/^ /, ''));
  }
  const data = fields.get('data');
  return {
    id: fields.get('id'),
    event: fields.get('event'),
    data: data === undefined ? undefined : JSON.parse(data),
    comment: fields.get(''),
  };
}
