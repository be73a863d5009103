import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService(await createTestDatabase());
const workspace = await service.addWorkspace('rotation');

it('a token rotates itself with its current secret, never with the one before', async () => {
  const json = { name: 'agent', scopes: ['tokens:write'] };
  const issued = await service.call('POST', '/v1/tokens', { secret: workspace.live.secret, json });
  const rotate = (secret: string, headers = {}) =>
    service.call('POST', `/v1/tokens/${issued.body.token.id}/rotate`, { secret, json: { grace_seconds: 60 }, headers });

  const headers = { 'idempotency-key': 'rotates-itself-once' };
  const rotated = await rotate(issued.body.secret, headers);
  expect(rotated.status).toBe(200);

  const refused = await rotate(issued.body.secret);
  expect([refused.status, refused.body.error]).toEqual([403, 'forbidden']);
  // Whoever lost the answer still gets it, with the key of the lost request.
  expect((await rotate(issued.body.secret, headers)).body.secret).toBe(rotated.body.secret);
  expect((await rotate(rotated.body.secret)).status).toBe(200);
});
