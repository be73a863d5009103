import { RARE_ACTION, type SeededLog } from './seed/audit.ts';
import { RARE_NAME } from './seed/tokens.ts';
import { introspectionRequest } from './support/introspection-requests.ts';
import { getRequest, type Probe } from './support/probe.ts';

/** Something that is asked of a service with few rows and of one with many. */
export interface Question {
  readonly name: string;
  /** Asked in turn, where it should not always be the same row. */
  readonly requests: readonly Buffer[];
}

interface History {
  readonly probe: Probe;
  readonly apiKey: string;
  readonly secrets: readonly string[];
  readonly log: SeededLog;
  readonly count: number;
}

/** So few tokens stay in memory while they are asked about. */
const HOT_TOKENS = 5;
/** The others, at least 95, push each other out of a memory of this size before it is their turn again. */
export const REMEMBERED_TOKENS = 40;
const LARGEST_PAGE = 200;
/** As deep as anyone pages by hand, and then some; with 10 million rows, half of them would take minutes to walk. */
const DEEPEST = 500_000;

export async function questionsFor({ probe, apiKey, secrets, log, count }: History): Promise<Question[]> {
  const depth = Math.min(count / 2, DEEPEST);
  const tokenCursor = await walk({ probe, apiKey }, '/v1/tokens', depth);
  // A tenth of the events belongs to the other environment.
  const eventCursor = await walk({ probe, apiKey }, '/v1/audit-log', depth * 0.9);
  const ask = (name: string, path: string): Question => ({ name, requests: [getRequest(apiKey, path)] });
  const tokenIds = await idsOf(probe, secrets, apiKey);
  const eventIds = await eventIdsOf(probe, apiKey, eventCursor);
  const introspections = secrets.map((secret) => introspectionRequest(apiKey, secret));
  return [
    ask('tokens: first page', '/v1/tokens'),
    ask('tokens: deep page', `/v1/tokens?cursor=${tokenCursor}`),
    ask('tokens: rare name', `/v1/tokens?name=${RARE_NAME}`),
    ask('tokens: common name', '/v1/tokens?name=deploy'),
    ask('tokens: active', '/v1/tokens?status=active'),
    ask('tokens: revoked', '/v1/tokens?status=revoked'),
    ask('tokens: expired', '/v1/tokens?status=expired'),
    ask('tokens: not yet valid', '/v1/tokens?status=not_yet_valid'),
    { name: 'one token', requests: tokenIds.map((id) => getRequest(apiKey, `/v1/tokens/${id}`)) },
    { name: 'introspection, in memory', requests: introspections.slice(0, HOT_TOKENS) },
    { name: 'introspection, not in memory', requests: introspections.slice(HOT_TOKENS) },
    ask('audit log: newest page', '/v1/audit-log'),
    ask('audit log: deep page', `/v1/audit-log?cursor=${eventCursor}`),
    ask('audit log: common action', '/v1/audit-log?action=token.rotated'),
    ask('audit log: rare action', `/v1/audit-log?action=${RARE_ACTION}`),
    ask('audit log: actor', `/v1/audit-log?actor=${log.actorId}`),
    ask('audit log: target', `/v1/audit-log?target=${log.targetId}`),
    ask('audit log: time range', `/v1/audit-log?since=${log.since}&until=${log.until}`),
    ask('audit log: rare word', `/v1/audit-log?q=${RARE_ACTION}`),
    ask('audit log: common words', '/v1/audit-log?q=rotated+success'),
    ask('audit log: events a day', '/v1/audit-log/histogram?interval=day'),
    {
      name: 'audit log: proof of an event',
      requests: eventIds.map((id) => getRequest(apiKey, `/v1/audit-log/${id}/proof`)),
    },
    ask('audit log: actor and action', `/v1/audit-log?actor=${log.busyActorId}&action=token.rotated`),
  ];
}

/** The cursor after about `depth` items, found as a client would: page by page. */
async function walk(
  { probe, apiKey }: Pick<History, 'probe' | 'apiKey'>,
  path: string,
  depth: number,
): Promise<string> {
  let cursor: string | undefined;
  for (let seen = 0; seen < depth; seen += LARGEST_PAGE) {
    const query = `limit=${LARGEST_PAGE}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const page = (await probe.ask(getRequest(apiKey, `${path}?${query}`))) as { next_cursor: string | null };
    if (page.next_cursor === null) throw new Error(`${path} ends before ${depth} items`);
    cursor = page.next_cursor;
  }
  return cursor ?? '';
}

/** Of a page in the depth of the log. */
async function eventIdsOf(probe: Probe, apiKey: string, cursor: string): Promise<string[]> {
  const request = getRequest(apiKey, `/v1/audit-log?limit=${LARGEST_PAGE}&cursor=${cursor}`);
  const page = (await probe.ask(request)) as { data: { id: string }[] };
  return page.data.map(({ id }) => id);
}

/** Introspection tells a token's id. */
async function idsOf(probe: Probe, secrets: readonly string[], apiKey: string): Promise<string[]> {
  const ids: string[] = [];
  for (const secret of secrets) {
    const answer = (await probe.ask(introspectionRequest(apiKey, secret))) as { jti: string };
    ids.push(answer.jti);
  }
  return ids;
}
