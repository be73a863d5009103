import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** HTTP by hand, for what no client would send. */

/** Bytes to send; a pause between two pieces, so that they come apart; or the end of the sending half. */
export type Step = string | Buffer | 'PAUSE' | 'END';

/** Sends `steps` over a connection of its own, and resolves with all that comes until the connection ends. */
export async function exchange(port: number, steps: readonly Step[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  const ended = once(socket, 'end').catch(() => {});
  for (const step of steps) {
    if (step === 'PAUSE') await sleep(30);
    else if (step === 'END') socket.end();
    else socket.write(step);
  }
  await ended;
  socket.destroy();
  return received;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** The answers in `received`, without what is different every time, and with their headers in one order. */
export function answersIn(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== ''; ) {
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    const [statusLine = '', ...lines] = rest.slice(0, headEnd - 4).split('\r\n');
    const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
    const status = Number(statusLine.split(' ')[1]);
    const given = headers.find((line) => line.startsWith('content-length:'))?.slice('content-length:'.length);
    const length = status === 100 ? 0 : Number(given ?? rest.length);
    answers.push({
      status,
      headers: headers.map((line) => line.replace(/^(date:|x-request-id: req_).*/, '$1')).sort(),
      body: rest.slice(headEnd, headEnd + length),
    });
    rest = rest.slice(headEnd + length);
  }
  return answers;
}

/** A request; undefined leaves a header out. */
export interface RawRequest {
  readonly line: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Lines behind the others. */
  readonly extra?: readonly string[];
}

export function headOf({ line, headers, extra = [] }: RawRequest): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${[line, ...lines, ...extra].join('\r\n')}\r\n\r\n`;
}

/** `texts` in the chunked coding, with its end. */
export function inChunks(...texts: string[]): string {
  return [...texts, ''].map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`).join('');
}
