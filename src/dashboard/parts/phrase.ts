/** A piece of a sentence: words of ours, a name that somebody gave, an id or a code, or what stood there before it was erased. */
export interface SentencePart {
  readonly as: 'words' | 'name' | 'code' | 'erased';
  readonly text: string;
}

export type Phrase = readonly SentencePart[];

/** Puts words and other phrases together: phrase`${actor} issued ${token}`. Plain strings are words. */
export function phrase(words: TemplateStringsArray, ...said: readonly (Phrase | string)[]): Phrase {
  const parts = words.flatMap((text, n) => [...wordsOf(text), ...partsOf(said[n] ?? '')]);
  return parts.reduce<SentencePart[]>(joinWords, []);
}

/** A name that somebody gave: it is shown as it is, and apart from what is around it. */
export function nameOf(text: string): Phrase {
  return [{ as: 'name', text }];
}

/** Something for programs: an id, a code, a path. */
export function codeOf(text: string): Phrase {
  return [{ as: 'code', text }];
}

/** What was there is gone for good. */
export const ERASED: Phrase = [{ as: 'erased', text: 'erased' }];

function partsOf(said: Phrase | string): Phrase {
  return typeof said === 'string' ? wordsOf(said) : said;
}

function wordsOf(text: string): Phrase {
  return text === '' ? [] : [{ as: 'words', text }];
}

function joinWords(parts: SentencePart[], part: SentencePart): SentencePart[] {
  const last = parts.at(-1);
  if (last?.as !== 'words' || part.as !== 'words') return [...parts, part];
  return [...parts.slice(0, -1), { as: 'words', text: last.text + part.text }];
}
