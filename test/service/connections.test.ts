import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, databaseUrl } from '../support/database.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';

const database = await createTestDatabase();
let service: ServiceProcess;

beforeAll(async () => {
  const TOOKEN_MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
  service = await startService({ DATABASE_URL: databaseUrl(database.app), TOOKEN_MASTER_KEY });
});
afterAll(() => service.stop());

/** Writes `text` to a connection of its own, and resolves with all that comes until it ends. */
async function exchange(text: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return received;
}

const call = (line: string, ...headers: string[]) =>
  `${[line, 'Host: tooken', `Authorization: Bearer ${service.apiKey}`, ...headers].join('\r\n')}\r\n\r\n`;
const whoami = () => call('GET /v1/whoami HTTP/1.1');
const answersIn = (received: string) => received.split(/(?=HTTP\/1\.1 \d)/).filter((answer) => answer !== '');

describe('a connection', () => {
  test('with a few pipelined requests gets every answer, in order', async () => {
    const received = await exchange(
      whoami() + call('GET /v1/nothing HTTP/1.1') + whoami() + call('GET /v1/whoami HTTP/1.1', 'Connection: close'),
    );
    expect(answersIn(received).map((answer) => answer.slice(9, 12))).toEqual(['200', '404', '200', '200']);
  });

  test('that pipelines without end is ended, and what was not answered was not carried out', async () => {
    const body = '{"name":"piped","scopes":["a:read"]}';
    const order = call('POST /v1/tokens HTTP/1.1', 'Content-Type: application/json', `Content-Length: ${body.length}`);
    const received = await exchange(`${order}${body}`.repeat(400));
    const answers = answersIn(received);
    expect(answers.length).toBeGreaterThanOrEqual(16);
    expect(answers.length).toBeLessThan(400);
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 201 '))).toBe(true);
    expect(answers.at(-1)).toMatch(/^connection: close\r$/im);

    const list = await exchange(call('GET /v1/tokens?name=piped&limit=200 HTTP/1.1', 'Connection: close'));
    const issued = [...list.matchAll(/"name":"piped"/g)];
    expect(issued).toHaveLength(answers.length);
  });

  test('may revoke with neither body nor media type', async () => {
    const body = '{"name":"bare","scopes":["a:read"]}';
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close'];
    const issued = await exchange(`${call('POST /v1/tokens HTTP/1.1', ...headers)}${body}`);
    const id = /"id":"(tkn_\w+)"/.exec(issued)?.[1];
    for (const length of [['Content-Length: 0'], []]) {
      const revoked = await exchange(call(`POST /v1/tokens/${id}/revoke HTTP/1.1`, ...length, 'Connection: close'));
      expect(revoked).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});
