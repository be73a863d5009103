import { describe } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { sendOverHttp, sendToCore } from './adapters.ts';
import { describeRevocation } from './revocation.ts';

const database = await createTestDatabase();

describe.each([
  ['the core', sendToCore],
  ['HTTP', sendOverHttp],
])('revocation by value through %s', (_, connect) => {
  describeRevocation(database.app, connect);
});
