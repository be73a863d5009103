import type { Operation, Outcome } from '../history.ts';
import type { Operator } from '../replicas.ts';
import type { HttpClient, HttpReply } from './http-client.ts';
import type { Caller, Population } from './population.ts';

/** Where the clients of one run meet: whom they ask, what they know, and where all of it is written down. */
export interface Stage {
  readonly urls: readonly string[];
  readonly http: HttpClient;
  readonly operator: Operator;
  /** An API key that nothing takes. */
  readonly root: Caller;
  /** An owner who has signed in, where members are to live. */
  readonly owner?: Caller | undefined;
  readonly population: Population;
  readonly history: Operation[];
  /** Whether rights may end by time. Not where the clock of a replica is wrong. */
  readonly hasEnds: boolean;
  /** How long who only asks pauses between two questions. */
  readonly paceMs: number;
  /** Questions that nobody waits for any longer: a frozen replica must not stop its clients. */
  readonly loose: Set<Promise<unknown>>;
  isOver(): boolean;
}

export interface Call {
  readonly kind: string;
  readonly replica: number;
  /** Absent for what is open to anybody. */
  readonly caller?: Caller;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  /** Fields of a form, instead of `json`. */
  readonly form?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
}

/** What an answer means beyond its status. */
export type Meaning = Partial<Pick<Operation, 'gives' | 'takes' | 'mayTake' | 'shows' | 'denies'>>;

export interface Performed {
  readonly reply: HttpReply;
  readonly outcome: Outcome;
}

/** Makes a call and writes it down. `meaningOf` says what its answer means. */
export async function perform(
  { urls, http, history }: Stage,
  call: Call,
  meaningOf: (reply: HttpReply, outcome: Outcome) => Meaning,
): Promise<Performed> {
  const { kind, replica, method, path } = call;
  const [contentType, body] = bodyOf(call);
  const headers = {
    ...(call.caller !== undefined && { authorization: `Bearer ${call.caller.value}` }),
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
  };
  const sentMs = performance.now();
  const reply = await http.send(urls[replica] ?? '', { method, path, headers, body });
  const receivedMs = reply.status === 'lost' ? Infinity : performance.now();
  const outcome = outcomeOf(reply);
  const effective = effectiveIn(reply);
  history.push({
    kind,
    replica,
    sentMs,
    receivedMs,
    outcome,
    answer: reply.status === 'lost' ? `lost: ${reply.text}` : String(reply.status),
    ...(effective && { effective }),
    ...meaningOf(reply, outcome),
  });
  return { reply, outcome };
}

function bodyOf({ json, form }: Call): [string | undefined, string | undefined] {
  if (form !== undefined) return ['application/x-www-form-urlencoded', new URLSearchParams(form).toString()];
  return json === undefined ? [undefined, undefined] : ['application/json', JSON.stringify(json)];
}

function outcomeOf({ status }: HttpReply): Outcome {
  if (status === 'lost' || status >= 500) return 'unknown';
  return status < 300 ? 'done' : 'refused';
}

function effectiveIn({ text }: HttpReply): Operation['effective'] {
  const found = /"effective":\{"replicas":(\d+),"waited_ms":(\d+)\}/.exec(text);
  return found === null ? undefined : { replicas: Number(found[1]), waitedMs: Number(found[2]) };
}

/** What an answer says about the credential that the call was made with. */
export function showsCaller(
  caller: Caller,
  { status, text }: HttpReply,
  scope?: string,
): Required<Pick<Meaning, 'shows' | 'denies'>> {
  const special = scope === undefined ? undefined : caller.rightFor(scope);
  const specials = special === undefined ? [] : [special];
  if (status === 'lost' || status >= 500) return { shows: [], denies: [] };
  if (status === 401) return { shows: [], denies: [caller.rights] };
  // Other reasons for a 403 are nothing that anybody has given.
  if (status === 403) return { shows: caller.rights, denies: LACKS.test(text) ? [specials] : [] };
  return { shows: [...caller.rights, ...specials], denies: [] };
}

/** What a 403 says of somebody who lacks the very right that the call takes. */
const LACKS = /insufficient_scope|Only owners and admins/;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
