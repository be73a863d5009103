import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/**
 * Exports as the text of the format says they are, and trees as RFC 6962 does, written without the code under test: slow,
 * and short enough to be read.
 */
export interface TestKey {
  readonly name: string;
  readonly verifierKey: string;
  /** A note of `text`, signed. */
  sign(text: string): string;
  /** The line of a witness with this key. */
  cosign(text: string, timestamp: number): string;
}

export function newTestKey(name: string, type: 1 | 4 = 1, pair: KeyObject = newPrivateKey()): TestKey {
  const publicKey = createPublicKey(pair).export({ type: 'spki', format: 'der' }).subarray(-32);
  const typed = Buffer.concat([Buffer.of(type), publicKey]);
  const id = sha256(Buffer.from(`${name}\n`), typed).subarray(0, 4);
  const line = (signature: Buffer) => `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
  return {
    name,
    verifierKey: `${name}+${id.toString('hex')}+${typed.toString('base64')}`,
    sign: (text) => `${text}\n${line(sign(null, Buffer.from(text), pair))}`,
    cosign(text, timestamp) {
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(timestamp));
      const message = Buffer.from(`cosignature/v1\ntime ${timestamp}\n${text}`);
      return line(Buffer.concat([time, sign(null, message, pair)]));
    },
  };
}

export function newPrivateKey(): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

export interface TestEvent {
  readonly leaf: string;
  readonly openings: Record<string, { salt: string; payload: string }>;
  readonly shown: Record<string, unknown>;
  readonly records?: string;
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** A token was issued: an actor and a target with a name each, a source, and a personal change. */
export function testEvent(
  n: number,
  { erased = [] as readonly string[], records = undefined as string[] | undefined } = {},
): TestEvent {
  const id = `evt_0${'0'.repeat(21)}${[15, 10, 5, 0].map((bits) => DIGITS[Math.floor(n / 2 ** bits) % 32]).join('')}`;
  const payloads: Record<string, object> = {
    actor: { name: `CI "${n}" é` },
    'target/0': { changes: [{ field: 'name', new: `new ${n}`, old: null }], name: `deploy ${n}`, note: 'why\u2028not' },
    source: { ip: '192.0.2.1', user_agent: 'curl' },
  };
  const salts = new Map(Object.keys(payloads).map((slot) => [slot, sha256(Buffer.from(`${slot} ${n}`))]));
  const commitment = (slot: string) =>
    sha256(salts.get(slot) ?? Buffer.alloc(0), Buffer.from(JSON.stringify(payloads[slot]))).toString('hex');
  const at = new Date(Date.UTC(2027, 0, 1) + n * 1000).toISOString();
  // Members in the order that RFC 8785 asks for.
  const leaf = {
    action: 'token.created',
    actor: { commitment: commitment('actor'), id: 'key_1', type: 'api_key' },
    changes: [
      { field: 'name', is_personal: true },
      { field: 'scopes', new: ['a'], old: null },
    ],
    count: records?.length ?? 1,
    environment: 'live',
    first_at: null,
    id,
    ...(records && { introspections: { addresses: [], count: records.length, root: rootOf(records).toString('hex') } }),
    last_at: null,
    occurred_at: at,
    operation: 'create',
    outcome: 'success',
    reason: null,
    request: { id: `req-${n}`, method: 'POST', route: '/v1/tokens' },
    schema_version: 1,
    source: { commitment: commitment('source') },
    targets: [{ commitment: commitment('target/0'), id: `tkn_${n}`, type: 'token' }],
    workspace: 'ws_1',
  };
  const has = (slot: string) => !erased.includes(slot);
  const shown = {
    id,
    schema_version: 1,
    leaf_index: n,
    workspace: 'ws_1',
    environment: 'live',
    action: 'token.created',
    operation: 'create',
    outcome: 'success',
    reason: null,
    note: has('target/0') ? 'why\u2028not' : null,
    occurred_at: at,
    actor: { type: 'api_key', id: 'key_1', name: has('actor') ? `CI "${n}" é` : null },
    targets: [{ type: 'token', id: `tkn_${n}`, name: has('target/0') ? `deploy ${n}` : null }],
    request: { id: `req-${n}`, method: 'POST', route: '/v1/tokens' },
    source: has('source') ? { ip: '192.0.2.1', user_agent: 'curl' } : { ip: null, user_agent: null },
    changes: [
      { field: 'name', old: null, new: has('target/0') ? `new ${n}` : null },
      { field: 'scopes', new: ['a'], old: null },
    ],
    count: records?.length ?? 1,
    first_at: null,
    last_at: null,
    introspections: records ? { addresses: [], count: records.length, root: rootOf(records).toString('hex') } : null,
    redacted: erased.length > 0,
  };
  const openings = Object.entries(payloads).filter(([slot]) => has(slot));
  return {
    leaf: JSON.stringify(leaf),
    openings: Object.fromEntries(
      openings.map(([slot, payload]) => [
        slot,
        { salt: (salts.get(slot) ?? Buffer.alloc(0)).toString('base64'), payload: JSON.stringify(payload) },
      ]),
    ),
    shown,
    ...(records && { records: records.join('\n') }),
  };
}

export interface ExportPlan {
  readonly key: TestKey;
  readonly events: readonly TestEvent[];
  readonly first?: number;
  readonly end?: number;
  /** Leaves that filters leave out. */
  readonly isHidden?: (leafIndex: number) => boolean;
  readonly previous?: number;
  readonly witnesses?: readonly TestKey[];
  readonly filters?: Record<string, unknown>;
}

/** The lines of an export, without line feeds. */
export function writeExport(plan: ExportPlan): string[] {
  const { key, events, first = 0, end = events.length, isHidden = () => false, previous, witnesses = [] } = plan;
  const hashes = events.map(({ leaf }) => leafHash(leaf));
  const body = checkpointText(key.name, events);
  const lines: object[] = [
    {
      type: 'header',
      format: 'tooken-audit-export',
      version: 1,
      origin: key.name,
      verifier_key: key.verifierKey,
      workspace: 'ws_1',
      environment: null,
      filters: plan.filters ?? {},
      first,
      end,
      checkpoint: key.sign(body) + witnesses.map((witness, n) => witness.cosign(body, 1_800_000_000 + n)).join(''),
      before: compact(hashes, 0, first),
      after: compact(hashes, end, hashes.length),
      previous: previous === undefined ? null : { size: previous, proof: consistency(hashes, previous) },
      exported_at: '2027-02-01T00:00:00.000Z',
      event_id: 'evt_00000000000000000000000000',
    },
  ];
  let counts = { events: 0, gaps: 0 };
  for (let next = first; next < end; ) {
    const event = events[next];
    if (event === undefined) throw new Error('no such event');
    let isWholeTiles = false;
    if (isHidden(next)) {
      let last = next;
      while (last < end && isHidden(last)) last += 1;
      const tileEnd = (Math.floor(next / 256) + 1) * 256;
      isWholeTiles = next % 256 === 0 && last >= tileEnd;
      const gapEnd = isWholeTiles ? last - (last % 256) : Math.min(last, tileEnd);
      lines.push({ type: 'gap', first: next, end: gapEnd, hashes: compact(hashes, next, gapEnd) });
      counts = { ...counts, gaps: counts.gaps + 1 };
      next = gapEnd;
    } else {
      const { leaf, openings, shown, records } = event;
      const leaf_hash = leafHash(leaf).toString('base64');
      lines.push({
        type: 'event',
        leaf_index: next,
        leaf_hash,
        leaf,
        openings,
        event: shown,
        ...(records && { records }),
      });
      counts = { ...counts, events: counts.events + 1 };
      next += 1;
    }
    if (next % 256 === 0 && next - 256 >= first && !isWholeTiles) {
      lines.push({
        type: 'tile',
        first: next - 256,
        end: next,
        hash: mth(hashes.slice(next - 256, next)).toString('base64'),
      });
    }
  }
  return signLines(
    key,
    lines.map((line) => JSON.stringify(line)),
    { first, end },
  );
}

/** Adds the manifest, as the service does. */
export function signLines(
  key: TestKey,
  lines: readonly string[],
  { first, end }: { first: number; end: number },
): string[] {
  const digest = sha256(Buffer.from(lines.map((line) => `${line}\n`).join(''))).toString('hex');
  const of = (type: string) => lines.filter((line) => line.startsWith(`{"type":"${type}"`)).length;
  const manifest = {
    type: 'manifest',
    events: of('event'),
    gaps: of('gap'),
    lines: lines.length,
    sha256: digest,
    signature: key.sign(`${key.name}/export\n${first} ${end}\n${of('event')} ${of('gap')}\n${digest}\n`),
  };
  return [...lines, JSON.stringify(manifest)];
}

export function checkpointText(origin: string, events: readonly TestEvent[]): string {
  return `${origin}\n${events.length}\n${mth(events.map(({ leaf }) => leafHash(leaf))).toString('base64')}\n`;
}

export function leafHash(leaf: string): Buffer {
  return sha256(Buffer.of(0), Buffer.from(leaf));
}

function rootOf(records: readonly string[]): Buffer {
  return mth(records.map(leafHash));
}

/** RFC 6962, section 2.1. */
function mth(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return sha256();
  if (hashes.length === 1) return only;
  const k = split(hashes.length);
  return sha256(Buffer.of(1), mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}

/** Section 2.1.2. */
function consistency(hashes: readonly Buffer[], m: number): string[] {
  const subproof = (m: number, d: readonly Buffer[], isWhole: boolean): Buffer[] => {
    if (m === d.length) return isWhole ? [] : [mth(d)];
    const k = split(d.length);
    return m <= k
      ? [...subproof(m, d.slice(0, k), isWhole), mth(d.slice(k))]
      : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
  };
  return m === 0 ? [] : subproof(m, hashes, true).map((hash) => hash.toString('base64'));
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The perfect subtrees that make up [begin, end), in base64. */
function compact(hashes: readonly Buffer[], begin: number, end: number): string[] {
  if (begin >= end) return [];
  let width = 1;
  while (begin % (width * 2) === 0 && begin + width * 2 <= end) width *= 2;
  return [mth(hashes.slice(begin, begin + width)).toString('base64'), ...compact(hashes, begin + width, end)];
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
