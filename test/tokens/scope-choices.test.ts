import { expect, test } from 'vitest';
import { createScope } from '../../src/tokens/catalogue.ts';
import { listScopeChoices } from '../../src/tokens/scope-choices.ts';
import { createTestDatabase } from '../support/database.ts';
import { createWorld, keyOf, scopes } from './world.ts';

const world = await createWorld(await createTestDatabase());
const { deps } = world;

test('what may be granted is the catalogue of the workspace, and then the reserved scopes', async () => {
  const key = keyOf(await world.addWorkspace('acme'));
  const other = keyOf(await world.addWorkspace('other'));
  for (const name of scopes('b:write', 'a:read', 'c:read'))
    await createScope(deps, key, { name, description: `of ${name}` });
  for (const name of scopes('z:read')) await createScope(deps, other, { name, description: null });
  const reserved = ['tokens:read', 'tokens:write', 'tokens:introspect', 'audit:read'].map((name) => ({
    name,
    description: null,
    isReserved: true,
  }));
  expect(await listScopeChoices(deps, other)).toEqual([
    { name: 'z:read', description: null, isReserved: false },
    ...reserved,
  ]);
  expect(await listScopeChoices(deps, key, 2)).toEqual([
    { name: 'a:read', description: 'of a:read', isReserved: false },
    { name: 'b:write', description: 'of b:write', isReserved: false },
    ...reserved,
  ]);
});
