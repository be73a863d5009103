import { expect, it } from 'vitest';
import { compareDocument, DOCUMENTS } from './tables.ts';

it.each(DOCUMENTS)('$file.pathname shows its tables as the code has them', (document) => {
  const { text, expected } = compareDocument(document);
  expect(text).toBe(expected);
});
