/** A block of a stream of server-sent events (HTML standard, section 9.2), whether or not it is an event: one without data moves `id` on. */
export interface SentBlock {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** The blocks of a stream as they come. One that is cut off in the middle never was. */
export async function* readSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<SentBlock, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield parse(block);
  }
}

/** As our service writes them: each field on one line, with a blank after its colon. */
function parse(block: string): SentBlock {
  const field = (name: string) => {
    const line = block.split('\n').find((each) => each.startsWith(`${name}: `));
    return line?.slice(name.length + 2);
  };
  return { id: field('id'), event: field('event'), data: field('data') };
}
