import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { boundPipelining } from '../../src/http/pipelining.ts';
import { INTROSPECTION_PATH } from '../../src/introspection/introspect.ts';
import { answerIntrospections } from '../../src/introspection/listener.ts';
import { createTestDatabase } from '../support/database.ts';
import { answersIn, exchange, headOf, inChunks, type RawRequest, type Step } from './raw-http.ts';
import { createWorld } from './world.ts';

// What comes over a socket is answered with the same bytes whether the listener or the application answers it.

const database = await createTestDatabase();
const world = await createWorld(database.app);
const key = await world.issueKey();
const token = await world.issueToken({ name: 'Ünïcode', scopes: ['invoices:read'] });

const application = getRequestListener(createApp(world.services).fetch);
const passedOn: string[] = [];
const listener = answerIntrospections(world.services, (request, response) => {
  passedOn.push(request.url ?? '');
  return application(request, response);
});
let ports: { readonly listener: number; readonly application: number };

beforeAll(async () => {
  ports = { listener: await open(listener), application: await open(application) };
});

async function open(handler: RequestListener): Promise<number> {
  const server = createServer({ requestTimeout: 30_000 }, boundPipelining(handler)).listen(0, '127.0.0.1');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const FORM = 'application/x-www-form-urlencoded';

interface Parts {
  readonly line?: string;
  readonly headers?: RawRequest['headers'];
  readonly extra?: readonly string[];
  readonly body?: string;
}

/** A request which, unless `parts` say otherwise, gets its answer and then the end of the connection. */
function request({ line, headers, extra, body = `token=${token.secret}` }: Parts = {}) {
  const head = headOf({
    line: line ?? 'POST /v1/tokens/introspect HTTP/1.1',
    headers: {
      Host: 'tooken.example',
      Authorization: `Bearer ${key.secret}`,
      'Content-Type': FORM,
      'Content-Length': String(Buffer.byteLength(body)),
      Connection: 'close',
      ...headers,
    },
    ...(extra && { extra }),
  });
  return { head, body };
}

const whole = (parts?: Parts) => Object.values(request(parts)).join('');
const lasting = { Connection: undefined };
const nameless = { Authorization: undefined };
const chunked = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
const ofLength = (length: number) => `token=${token.secret}&x=`.padEnd(length, 'a');

type Case = [what: string, steps: () => readonly Step[], statuses: readonly number[]];

describe('the listener answers by itself', () => {
  const cases: Case[] = [
    ['a request', () => [whole()], [200]],
    ['one with nothing in its body', () => [whole({ body: '' })], [400]],
    ['one without a credential', () => [whole({ headers: nameless })], [401]],
    ['one with a bad credential', () => [whole({ headers: { Authorization: 'Bearer x' } })], [401]],
    ['one with a key by X-API-Key', () => [whole({ headers: { ...nameless, 'X-API-Key': key.secret } })], [200]],
    ['one with two credentials', () => [whole({ headers: { 'X-API-Key': key.secret } })], [400]],
    ['one of another media type', () => [whole({ headers: { 'Content-Type': 'text/plain' } })], [415]],
    ['one of no media type', () => [whole({ headers: { 'Content-Type': undefined } })], [415]],
    [
      'one in JSON',
      () => [whole({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token: token.secret }) })],
      [200],
    ],
    ['one about a token that is none', () => [whole({ body: 'token=x' })], [200]],
    ['one that names itself', () => [whole({ headers: { 'X-Request-Id': 'mine-1' } })], [200]],
    ['one that names itself as no log may', () => [whole({ headers: { 'X-Request-Id': 'mine 1' } })], [200]],
    ['one with values beyond ASCII', () => [whole({ headers: { 'X-Name': 'é', 'User-Agent': 'é' } })], [200]],
    [
      'one whose header names are in any case',
      () => [whole({ headers: nameless, extra: [`aUTHORIZATION: Bearer ${key.secret}`] })],
      [200],
    ],
    [
      'one with spaces around a value',
      () => [whole({ headers: nameless, extra: [`Authorization: \t Bearer ${key.secret} \t`] })],
      [200],
    ],
    ['one of HTTP/1.0', () => [whole({ line: 'POST /v1/tokens/introspect HTTP/1.0' })], [200]],
    ['a body that comes later', () => [request().head, 'PAUSE', request().body], [200]],
    [
      'a body byte by byte',
      () => [request({ body: 'token=x' }).head, ...[...'token=x'].flatMap((byte) => ['PAUSE', byte])],
      [200],
    ],
    ['a head in pieces', () => [whole().slice(0, 5), 'PAUSE', whole().slice(5, 60), 'PAUSE', whole().slice(60)], [200]],
    ['the longest body', () => [whole({ body: ofLength(65_536) })], [200]],
    [
      'requests one after the other',
      () => [whole({ headers: lasting }), 'PAUSE', whole({ headers: lasting, body: 'token=x' }), 'PAUSE', whole()],
      [200, 200, 200],
    ],
    [
      'requests all at once',
      () => [
        whole({ headers: lasting }) +
          whole({ headers: lasting, body: 'token=x' }) +
          whole({ headers: { ...lasting, Authorization: 'Bearer x' } }) +
          whole(),
      ],
      [200, 200, 401, 200],
    ],
    ['a request whose sender closes its half', () => [whole({ headers: lasting }), 'END'], [200]],
    [
      'who waits to be told to go on',
      () => [request({ headers: { Expect: '100-continue' } }).head, 'PAUSE', request().body],
      [100, 200],
    ],
  ];
  test.each(cases)('%s, as the application does', async (_, steps, statuses) => {
    const before = passedOn.length;
    const answers = answersIn(await exchange(ports.listener, steps()));
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    expect(passedOn.length).toBe(before);
    expect(answers).toEqual(answersIn(await exchange(ports.application, steps())));
  });
});

describe('the listener passes on', () => {
  const cases: Case[] = [
    ['another method', () => [whole({ line: 'PUT /v1/tokens/introspect HTTP/1.1' })], [405]],
    ['GET', () => [whole({ line: 'GET /v1/tokens/introspect HTTP/1.1', body: '' })], [405]],
    [
      'HEAD',
      () => [
        whole({ line: 'HEAD /v1/tokens/introspect HTTP/1.1', headers: { 'Content-Length': undefined }, body: '' }),
      ],
      [405],
    ],
    ['OPTIONS', () => [whole({ line: 'OPTIONS /v1/tokens/introspect HTTP/1.1' })], [405]],
    ['a query', () => [whole({ line: 'POST /v1/tokens/introspect?token=x HTTP/1.1' })], [200]],
    [
      'a target with scheme and host',
      () => [whole({ line: 'POST http://tooken.example/v1/tokens/introspect HTTP/1.1' })],
      [200],
    ],
    [
      'a target of another host',
      () => [whole({ line: 'POST http://other.example:1/v1/tokens/introspect HTTP/1.1' })],
      [200],
    ],
    ['a slash at the end', () => [whole({ line: 'POST /v1/tokens/introspect/ HTTP/1.1' })], [404]],
    ['a slash too many', () => [whole({ line: 'POST //v1/tokens/introspect HTTP/1.1' })], [404]],
    ['capital letters', () => [whole({ line: 'POST /v1/tokens/Introspect HTTP/1.1' })], [405]],
    ['an escaped letter', () => [whole({ line: 'POST /v1/tokens/intro%73pect HTTP/1.1' })], [200]],
    ['a path with dots', () => [whole({ line: 'POST /v1/x/../tokens/introspect HTTP/1.1' })], [200]],
    ['two Authorizations', () => [whole({ extra: [`Authorization: Bearer ${key.secret}`] })], [401]],
    ['two Authorizations, the second one empty', () => [whole({ extra: ['Authorization:'] })], [401]],
    [
      'two keys',
      () => [whole({ headers: { ...nameless, 'X-API-Key': key.secret }, extra: [`x-api-key: ${key.secret}`] })],
      [401],
    ],
    ['two media types', () => [whole({ extra: ['Content-Type: application/json'] })], [415]],
    ['two names', () => [whole({ headers: { 'X-Request-Id': 'a' }, extra: ['X-Request-Id: b'] })], [200]],
    ['no length and no body', () => [request({ headers: { 'Content-Length': undefined }, body: '' }).head], [400]],
    ['chunks', () => [request({ headers: chunked }).head + inChunks(`token=${token.secret}`)], [200]],
    [
      'chunks that come apart',
      () => [request({ headers: chunked }).head, 'PAUSE', inChunks('token=', token.secret)],
      [200],
    ],
    [
      'chunks beyond the limit',
      () => [request({ headers: chunked }).head, inChunks(ofLength(40_000), ofLength(40_000))],
      [413],
    ],
    ['a byte too many', () => [whole({ body: ofLength(65_537) })], [413]],
    [
      'a length beyond the limit, before the body comes',
      () => [request({ headers: { 'Content-Length': '65537' } }).head],
      [413],
    ],
    [
      'a length beyond the limit, from nobody',
      () => [request({ headers: { 'Content-Length': '65537', Authorization: 'Bearer x' } }).head],
      [401],
    ],
    ['a host that is none', () => [whole({ headers: { Host: 'a b' } })], [400]],
    ['a host with a user', () => [whole({ headers: { Host: 'a@b' } })], [400]],
    [
      'no host at all',
      () => [whole({ line: 'POST /v1/tokens/introspect HTTP/1.0', headers: { Host: undefined } })],
      [400],
    ],
    ['an address as host', () => [whole({ headers: { Host: '[::1]:8080' } })], [200]],
  ];
  test.each(cases)('%s', async (_, steps, statuses) => {
    const before = passedOn.length;
    const answers = answersIn(await exchange(ports.listener, steps()));
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    expect(passedOn.length).toBe(before + 1);
    expect(answers).toEqual(answersIn(await exchange(ports.application, steps())));
  });
});

describe('what is no HTTP gets what Node has for it, and the next one is served', () => {
  const cases: Case[] = [
    ['garbage', () => ['\0\0\0\0\r\n\r\n'], [400]],
    ['a method in small letters', () => [whole({ line: 'post /v1/tokens/introspect HTTP/1.1' })], [400]],
    ['a header without a name', () => [whole({ extra: [': x'] })], [400]],
    ['a header with a control character', () => [whole({ extra: ['X: \u0001'] })], [400]],
    ['a length that is none', () => [whole({ headers: { 'Content-Length': '1x' } })], [400]],
    ['a negative length', () => [whole({ headers: { 'Content-Length': '-1' } })], [400]],
    ['two lengths', () => [whole({ extra: ['Content-Length: 0'] })], [400]],
    ['a length and chunks', () => [whole({ extra: ['Transfer-Encoding: chunked'] })], [400]],
    ['a chunk of no size', () => [`${request({ headers: chunked }).head}x\r\n`], [400]],
    ['two hosts', () => [whole({ extra: ['Host: other'] })], [200]],
    ['no host', () => [whole({ headers: { Host: undefined } })], [400]],
    ['a head without end', () => [whole({ extra: [`X: ${'a'.repeat(20_000)}`] })], [431]],
    ['a body that ends early', () => [request({ headers: lasting }).head, 'token=', 'END'], [400]],
  ];
  test.each(cases)('%s', async (_, steps, statuses) => {
    const answers = answersIn(await exchange(ports.listener, steps()));
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    expect(answers).toEqual(answersIn(await exchange(ports.application, steps())));
    expect(answersIn(await exchange(ports.listener, [whole()]))[0]?.status).toBe(200);
  });
});

test('a sender that goes away in the middle of its body is counted as a bad request, and takes nothing with it', async () => {
  const badRequests = () =>
    [...world.services.metrics.requests.all()]
      .filter(({ route, status }) => route === INTROSPECTION_PATH && status === 400)
      .reduce((sum, { seconds }) => sum + seconds.counts.reduce((all, one) => all + one, 0), 0);
  const before = badRequests();
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(ports.listener, '127.0.0.1');
    socket.on('error', () => {});
    const { head, body } = request({ headers: { Expect: '100-continue' } });
    socket.write(head + body.slice(0, round + 1));
    // The head has arrived then, and the answer waits for the rest.
    await once(socket, 'data');
    socket.resetAndDestroy();
  }
  await expect.poll(badRequests).toBe(before + 20);
  expect(answersIn(await exchange(ports.listener, [whole()]))[0]?.status).toBe(200);
});

test('who holds the last byte of a request back is judged by the rights it has when that comes', async () => {
  const caller = await world.issueKey({ expiresAt: new Date(world.clock.time.getTime() + 60_000) });
  const { head, body } = request({ headers: { Authorization: `Bearer ${caller.secret}` } });
  const answer = exchange(ports.listener, [head + body.slice(0, -1), 'PAUSE', 'PAUSE', 'PAUSE', body.slice(-1)]);
  await sleep(45);
  world.clock.time = new Date(world.clock.time.getTime() + 60_000);
  expect(answersIn(await answer)[0]?.status).toBe(401);
});
