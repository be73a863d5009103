import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ARCHITECTURE_FILE, withTables } from './tables.ts';

it('ARCHITECTURE.md shows the access table and the event catalogue as the code has them', () => {
  const text = readFileSync(ARCHITECTURE_FILE, 'utf8');
  expect(text).toBe(withTables(text));
});
