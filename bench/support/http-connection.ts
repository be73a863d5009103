import { connect } from 'node:net';

/**
 * One keep-alive connection that sends prepared bytes and cuts the stream into answers. It understands just what the
 * contenders send, and costs a fraction of what any HTTP client does: on few cores the load must stay much cheaper than
 * what it measures.
 */
export interface HttpConnection {
  /** Sends one request; `done` gets the answer, whose body is only valid until it returns. One at a time. */
  send(request: Buffer, done: (answer: HttpAnswer) => void): void;
  /** False once the server has closed it, as it does with one that was idle for long. */
  isOpen(): boolean;
  close(): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const RECEIVE_BYTES = 256 * 1024;
const PATIENCE_MS = 30_000;
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export function openConnection({ hostname, port }: URL, onError: (error: Error) => void): HttpConnection {
  let waiting: ((answer: HttpAnswer) => void) | undefined;
  let kept: Buffer | undefined;
  const receive = (bytes: Buffer) => {
    const all = kept === undefined ? bytes : Buffer.concat([kept, bytes]);
    const answer = parse(all);
    if (answer === undefined) {
      // The receive buffer is used again for the next read.
      kept = kept === undefined ? Buffer.from(bytes) : all;
      return;
    }
    kept = undefined;
    const done = waiting;
    waiting = undefined;
    done?.(answer);
  };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(RECEIVE_BYTES),
      callback: (size, buffer) => {
        receive(Buffer.from(buffer.buffer, buffer.byteOffset, size));
        return true;
      },
    },
  });
  socket.on('error', onError);
  socket.setTimeout(PATIENCE_MS, () => {
    if (waiting !== undefined) socket.destroy(new Error('no answer in half a minute'));
  });
  socket.on('close', () => {
    if (waiting !== undefined) onError(new Error('the connection was closed instead of an answer'));
  });
  return {
    isOpen: () => socket.writable,
    send: (request, done) => {
      waiting = done;
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
}

/** The answer, once it is complete. */
function parse(bytes: Buffer): HttpAnswer | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return parseChunks(bytes, start, status);
  const end = start + Number(length);
  return bytes.length < end ? undefined : { status, body: bytes.subarray(start, end) };
}

/** Chunks one after the other, with their sizes between them: enough to look something up in. */
function parseChunks(bytes: Buffer, start: number, status: number): HttpAnswer | undefined {
  const isComplete = bytes.length >= start + LAST_CHUNK.length && bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  return isComplete ? { status, body: bytes.subarray(start) } : undefined;
}

export interface RequestParts {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The bytes of a request. */
export function requestBytes({ method, path, headers = {}, body }: RequestParts): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    'user-agent: tooken-bench',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
