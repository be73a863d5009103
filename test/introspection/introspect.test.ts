import { describe } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { sendOverHttp, sendToCore } from './adapters.ts';
import { describeCallers } from './callers.ts';
import { describeVerdicts } from './verdicts.ts';

const database = await createTestDatabase();

// One battery for everything that may carry a request to the endpoint.
describe.each([
  ['the core', sendToCore, 10_000],
  ['HTTP', sendOverHttp, 1_000],
])('introspection through %s', (_, connect, floodSize) => {
  describeCallers(database.app, connect);
  describeVerdicts(database.app, connect, floodSize);
});
