import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { judge, type Ruling, type WitnessView } from './witness-rules.ts';

/** A witness as c2sp.org/tlog-witness describes one, with a memory that a test can look at and tamper with. */
export interface TestWitness {
  readonly name: string;
  /** Of the type 0x04. */
  readonly verifierKey: string;
  readonly url: string;
  /** For `TOOKEN_WITNESSES`. */
  readonly entry: string;
  /** From now on it cosigns checkpoints of the log with this key, whose name is its origin. */
  trust(logVerifierKey: string): void;
  /** Trusts every log that asks, by the key that `keyOf` finds: for tests that cannot know origins before. */
  trustAll(keyOf: (origin: string) => Promise<string | undefined>): void;
  view(origin: string): WitnessView | undefined;
  /** As if it had seen something else. */
  setView(origin: string, view: WitnessView | undefined): void;
  /** The bodies of all requests so far. */
  readonly requests: readonly string[];
  /** The status of each answer. */
  readonly statuses: readonly number[];
  /** How it misbehaves until told otherwise. */
  setFault(fault: WitnessFault | undefined): void;
  /** Answers nobody until it is released; requests are taken meanwhile. */
  hold(): () => void;
  /** Refuses connections from now on. */
  close(): Promise<void>;
}

export type WitnessFault =
  /** Takes the request and says nothing. */
  | 'silent'
  /** Answers with status 500. */
  | 'broken'
  /** Answers what is no HTTP. */
  | 'garbled'
  /** 200 with lines that are no signatures. */
  | 'garbage'
  /** 200 with more than anybody would read. */
  | 'oversized'
  | 'redirect'
  /** Cosigns with a key that nobody knows, under a key id of its own. */
  | 'unknown_key'
  /** The same, under the known key id. */
  | 'wrong_signature'
  /** Cosigns the checkpoint of another log. */
  | 'other_origin'
  /** Its timestamp is in milliseconds. */
  | 'milliseconds'
  | 'long_ago'
  /** A signature of the checkpoint itself, without a timestamp: type 0x01. */
  | 'without_time'
  /** 409 with the size 9,999,999,999. */
  | 'boastful'
  /** 409 without saying at which size it is. */
  | 'speechless'
  /** 422 whatever the proof is. */
  | 'stubborn'
  /** Cosigns, and keeps it to itself: the connection ends. */
  | 'lost_answer';

interface WitnessOptions {
  readonly name?: string;
}

let started = 0;

/** A witness on a port of its own, closed when the test ends. It knows no log. */
export async function startWitness({ name }: WitnessOptions = {}): Promise<TestWitness> {
  started += 1;
  const signer = createSigner(name ?? `witness.example/w${started}`);
  const logs = new Map<string, string[]>();
  const views = new Map<string, WitnessView>();
  const [requests, statuses]: [string[], number[]] = [[], []];
  let fault: WitnessFault | undefined;
  let released: Promise<void> | undefined;
  let keyOf: ((origin: string) => Promise<string | undefined>) | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    requests.push(body);
    if (request.method !== 'POST' || request.url !== '/prefix/add-checkpoint') return reply(response, 405, 'no');
    const origin = body.slice(body.indexOf('\n\n') + 2).split('\n')[0] ?? '';
    const key = logs.has(origin) ? undefined : await keyOf?.(origin);
    if (key !== undefined) logs.set(origin, [key]);
    await released;
    if (fault === 'silent') return;
    if (fault === 'garbled') return void response.socket?.end('what?\r\n\r\n');
    const early = fault && EARLY_ANSWERS[fault];
    if (early !== undefined) return reply(response, ...early);
    // Judged and kept in one turn: of two requests at once one finds what the other has left.
    const ruling = judge(body, { logs, views });
    if (ruling.status === 200) views.set(ruling.origin, ruling.view);
    if (fault === 'lost_answer') return void response.socket?.destroy();
    replyWith(response, ruling);
  }

  function replyWith(response: ServerResponse, ruling: Ruling): void {
    if (ruling.status === 200) reply(response, 200, signer.cosign(ruling.body, fault));
    else if (ruling.status === 409) reply(response, 409, `${ruling.size}\n`, SIZE_TYPE);
    else reply(response, ruling.status, `${ruling.why}\n`);
  }

  function reply(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
    statuses.push(status);
    response.writeHead(status, headers).end(text);
  }

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    name: signer.name,
    verifierKey: signer.verifierKey,
    url,
    entry: `${signer.verifierKey} ${url}`,
    trust(logVerifierKey) {
      const origin = logVerifierKey.slice(0, logVerifierKey.indexOf('+'));
      logs.set(origin, [...(logs.get(origin) ?? []), logVerifierKey]);
    },
    trustAll(find) {
      keyOf = find;
    },
    view: (origin) => views.get(origin),
    setView: (origin, view) => void (view === undefined ? views.delete(origin) : views.set(origin, view)),
    requests,
    statuses,
    setFault(given) {
      fault = given;
    },
    hold() {
      let release = () => {};
      released = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    close,
  };
}

const SIZE_TYPE = { 'content-type': 'text/x.tlog.size' };

const EARLY_ANSWERS: Partial<Record<WitnessFault, [status: number, text: string, headers?: Record<string, string>]>> = {
  broken: [500, 'out of order\n'],
  garbage: [200, `not a signature\n\u2014 \u001b[31mred\n`],
  oversized: [200, 'x'.repeat(1_000_000)],
  redirect: [307, '', { location: '/elsewhere/add-checkpoint' }],
  boastful: [409, '9999999999\n', SIZE_TYPE],
  speechless: [409, 'conflict\n'],
  stubborn: [422, 'no\n'],
};

/** c2sp.org/tlog-cosignature, of the type for Ed25519. */
function createSigner(name: string) {
  const [known, unknown] = [createKey(name, 4), createKey(name, 4)];
  return {
    name,
    verifierKey: `${name}+${known.id.toString('hex')}+${Buffer.concat([Buffer.of(4), known.raw]).toString('base64')}`,
    /** The signature line. */
    cosign(body: string, fault?: WitnessFault): string {
      const seconds = Math.floor(Date.now() / 1000);
      const time = fault === 'milliseconds' ? seconds * 1000 : fault === 'long_ago' ? seconds - 86_400 : seconds;
      const signed = fault === 'other_origin' ? body.replace(/^[^\n]*/, 'example.com/other') : body;
      const key = fault === 'unknown_key' || fault === 'wrong_signature' ? unknown : known;
      const id = fault === 'wrong_signature' ? known.id : key.id;
      const stamp = Buffer.alloc(8);
      stamp.writeBigUInt64BE(BigInt(time));
      const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${signed}`), key.privateKey);
      const plain = Buffer.concat([keyIdOf(name, 1, known.raw), sign(null, Buffer.from(body), known.privateKey)]);
      const bytes = fault === 'without_time' ? plain : Buffer.concat([id, stamp, signature]);
      return `\u2014 ${name} ${bytes.toString('base64')}\n`;
    },
  };
}

function createKey(name: string, type: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { privateKey, raw, id: keyIdOf(name, type, raw) };
}

function keyIdOf(name: string, type: number, raw: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(raw).digest().subarray(0, 4);
}
