import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { eraseSubject } from '../../src/introspection/erasure.ts';
import { appendAll, newEvent, newTokenId } from '../audit/log.ts';
import { createTestDatabase } from '../support/database.ts';
import { createTestService, type TestWorkspace } from '../support/service.ts';
import { leafHash, readCheckpoint, rootOfPath } from '../support/tlog.ts';

const service = await createTestService(await createTestDatabase());

/** As the reference describes it. */
interface Proof {
  readonly event: {
    readonly id: string;
    readonly redacted: boolean;
    readonly targets: readonly { name: string | null }[];
  };
  readonly leaf_index: number;
  readonly leaf: string;
  readonly openings: Readonly<Record<string, { readonly salt: string; readonly payload: string }>>;
  readonly proof: { readonly size: number; readonly hashes: readonly string[] };
  readonly checkpoint: string;
  readonly verifier_key: string;
  readonly tlog_proof: string;
}

let home: TestWorkspace;
let key: string;

beforeAll(async () => {
  home = await service.addWorkspace('home');
  key = (await service.call('GET', `/logs/${home.id}/key`, { secret: home.live.secret })).text.trim();
});

const ask = (id: string | undefined, headers: Record<string, string> = {}, secret = home.live.secret) =>
  service.call('GET', `/v1/audit-log/${id}/proof`, { secret, headers });

async function prove(id: string | undefined): Promise<Proof> {
  const { status, body, text } = await ask(id);
  expect(status, text).toBe(200);
  return body;
}

const bytes = (text: string) => Buffer.from(text, 'base64');

/** Whether the proof holds, for somebody who has nothing of the service but the key. */
function holds({ leaf, leaf_index, proof, checkpoint }: Proof): boolean {
  const { size, root } = readCheckpoint(checkpoint, key);
  const path = proof.hashes.map(bytes);
  return size === proof.size && rootOfPath(leafHash(Buffer.from(leaf)), leaf_index, size, path).equals(root);
}

const commitmentOf = ({ salt, payload }: { salt: string; payload: string }) =>
  createHash('sha256').update(bytes(salt)).update(payload).digest('hex');

describe('the proof of an event', () => {
  it('holds for every event of a log, at whatever size it was asked for', async () => {
    for (let n = 0; n < 40; n += 1) {
      const [newest] = await appendAll(service.context.db, newEvent(home.id));
      expect(holds(await prove(newest))).toBe(true);
    }
    const { body } = await service.call('GET', '/v1/audit-log?order=asc&limit=200', { secret: home.live.secret });
    const proofs: Proof[] = await Promise.all(body.data.map(({ id }: { id: string }) => prove(id)));
    expect(proofs.length).toBeGreaterThanOrEqual(42);
    expect(proofs.filter((proof) => !holds(proof))).toEqual([]);
    const [first, ...others] = proofs;
    expect(others.filter(({ leaf }) => holds({ ...(first as Proof), leaf }))).toEqual([]);
  });

  it('is of that event: the leaf is canonical, and says the same', async () => {
    const [id] = await appendAll(service.context.db, newEvent(home.id));
    const { event, leaf, leaf_index, verifier_key } = await prove(id);
    const shown = (await service.call('GET', `/v1/audit-log/${id}`, { secret: home.live.secret })).body;
    expect(event).toEqual(shown);
    expect(leaf_index).toBe(shown.leaf_index);
    expect(verifier_key).toBe(key);
    const { id: leafId, action, occurred_at, request } = JSON.parse(leaf);
    expect({ id: leafId, action, occurred_at, request }).toEqual({
      id,
      action: shown.action,
      occurred_at: shown.occurred_at,
      request: shown.request,
    });
    expect(leaf).not.toMatch(/[ \n]/);
  });

  it('opens what the leaf only commits to', async () => {
    const [id] = await appendAll(service.context.db, newEvent(home.id));
    const { leaf, openings } = await prove(id);
    const { actor, targets, source } = JSON.parse(leaf);
    expect(Object.fromEntries(Object.entries(openings).map(([slot, one]) => [slot, commitmentOf(one)]))).toEqual({
      actor: actor.commitment,
      'target/0': targets[0].commitment,
      source: source.commitment,
    });
    expect(JSON.parse(openings.source?.payload ?? '')).toEqual({ ip: '192.0.2.1', user_agent: 'curl/8.5.0' });
  });

  it('is a text of its own for who asks for one, with the leaf in it', async () => {
    const [id] = await appendAll(service.context.db, newEvent(home.id));
    const json = await prove(id);
    for (const accept of ['text/plain', 'application/json;q=0.5, text/plain', 'text/*']) {
      const answer = await ask(id, { accept });
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(answer.headers.get('content-disposition')).toBe(`inline; filename="${id}.tlog-proof"`);
      expect(answer.headers.get('vary')).toBe('Accept');
      expect(answer.text).toBe(json.tlog_proof);
    }
    for (const accept of ['*/*', 'application/json', 'image/png', 'text/plain;q=0.1, application/json']) {
      expect((await ask(id, { accept })).body).toEqual(json);
    }
    const [head = '', checkpoint] = json.tlog_proof.split(/\n\n([\s\S]*)/);
    const [first, extra = '', index, ...hashes] = head.split('\n');
    expect([first, index, hashes]).toEqual([
      'c2sp.org/tlog-proof@v1',
      `index ${json.leaf_index}`,
      [...json.proof.hashes],
    ]);
    expect(bytes(extra.replace('extra ', '')).toString('utf8')).toBe(json.leaf);
    expect(checkpoint).toBe(json.checkpoint);
  });

  it('goes on holding when personal data was erased, which it then does not open any more', async () => {
    const token = newTokenId();
    const event = newEvent(home.id, { targets: [{ type: 'token', id: token, name: 'Ada Lovelace' }] });
    const [id] = await appendAll(service.context.db, event);
    const before = await prove(id);
    expect(before.event).toMatchObject({ redacted: false, targets: [{ name: 'Ada Lovelace' }] });
    await eraseSubject(service.context, {
      workspaceId: home.id,
      subject: { type: 'token', id: token },
      actor: { type: 'system', id: null, name: null },
      request: { id: 'req-erase', method: 'CLI', route: 'audit erase', ip: null, userAgent: null },
    });
    const after = await prove(id);
    expect(after.event).toMatchObject({ redacted: true, targets: [{ name: null }] });
    expect(Object.keys(after.openings).sort()).toEqual(['actor', 'source']);
    expect(after.leaf).toBe(before.leaf);
    expect(JSON.stringify(after)).not.toContain('Lovelace');
    expect([before, after].map(holds)).toEqual([true, true]);
  });

  it('is there for an event whose change was answered, without waiting for the next checkpoint', async () => {
    const issued = await service.call('POST', '/v1/tokens', {
      secret: home.live.secret,
      json: { name: 'at once', scopes: ['a:read'] },
    });
    const target = issued.body.token.id;
    const { body } = await service.call('GET', `/v1/audit-log?target=${target}`, { secret: home.live.secret });
    expect(holds(await prove(body.data[0].id))).toBe(true);
  });

  it('is for the environment of its event', async () => {
    const [live, test] = await appendAll(
      service.context.db,
      newEvent(home.id),
      newEvent(home.id, { environment: 'test' }),
    );
    const statuses = async (secret: string) => [
      (await ask(live, {}, secret)).status,
      (await ask(test, {}, secret)).status,
    ];
    expect(await statuses(home.live.secret)).toEqual([200, 404]);
    expect(await statuses(home.test.secret)).toEqual([404, 200]);
    const foreign = await service.addWorkspace('foreign');
    expect(await statuses(foreign.live.secret)).toEqual([404, 404]);
  });

  it.each(['evt_01kav3c4r8e0jbwn7sgm5zkqd2', 'tkn_01kav3c4r8e0jbwn7sgm5zkqd2', 'nonsense', '%00'])(
    'of %s there is none',
    async (id) => {
      expect((await ask(id)).status).toBe(404);
    },
  );
});
