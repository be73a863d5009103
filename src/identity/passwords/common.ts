import { createRequire } from 'node:module';

/**
 * Whether a password is among the first that somebody who guesses would try: in a list of what people choose most, or a
 * simple variation of that. `Passw0rd2024!` is `password` to a cracker.
 */
export function isCommon(password: string): boolean {
  const lower = password.toLowerCase();
  if (isWeakRun(lower) || isListed(lower)) return true;
  const { middle, padding } = unwrap(lower);
  const isWord = isMadeOfOneWord(keep(middle, isWordCharacter)) || isMadeOfOneWord(keep(middle, isLetterToSome));
  return isWord && (padding.length <= WEAK_PADDING || isWeakRun(padding) || isListed(padding));
}

/** The year, a digit and an exclamation mark: what people put around a word when they are told to. */
const WEAK_PADDING = 4;

/** What is between the first and the last letter, and the digits around it. */
function unwrap(lower: string): { readonly middle: string; readonly padding: string } {
  const middle = /\p{L}(?:.*\p{L})?/su.exec(lower)?.[0] ?? '';
  const start = lower.indexOf(middle);
  return { middle, padding: keep(lower.slice(0, start) + lower.slice(start + middle.length), isWordCharacter) };
}

function keep(text: string, isKept: (character: string) => boolean): string {
  return [...text].filter(isKept).join('');
}

/** One listed word, once or several times. */
function isMadeOfOneWord(core: string): boolean {
  const word = core.slice(0, periodOf(core));
  return word.length >= LEAST_WORD && (isListed(word) || isListed(core));
}

const LEAST_WORD = 4;

function isListed(text: string): boolean {
  const list = listed();
  return list.has(text) || spellings(text).some((spelling) => list.has(spelling));
}

/** `text` with the letters that digits and signs stand for; a 1 stands for two of them. */
function spellings(text: string): string[] {
  const folded = [...text].map((character) => LEET[character] ?? character).join('');
  return [folded.replaceAll('1', 'i'), folded.replaceAll('1', 'l')];
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
};

/** A few characters over and over, or a row of the alphabet, of the digits or of a keyboard. */
function isWeakRun(text: string): boolean {
  return (
    (text.length >= 2 * LONGEST_PERIOD && periodOf(text) <= LONGEST_PERIOD) || ROWS.some((row) => row.includes(text))
  );
}

const LONGEST_PERIOD = 5;

const ROWS = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
]
  .map((row) => row.repeat(3))
  .flatMap((row) => [row, [...row].reverse().join('')]);

/** The length of what `text` repeats, from its beginning to its end; its own length if it repeats nothing. */
function periodOf(text: string): number {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.length % period === 0 || period <= LONGEST_PERIOD) {
      if (text.slice(period) === text.slice(0, text.length - period)) return period;
    }
  }
  return text.length;
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

/** The same, with the signs that people write for letters. */
function isLetterToSome(character: string): boolean {
  return isWordCharacter(character) || character in LEET;
}

let list: ReadonlySet<string> | undefined;

/** Loaded when it is first needed: it takes 20 ms and 5 MB, and most processes never see a new password. */
function listed(): ReadonlySet<string> {
  if (list === undefined) {
    const { dictionary } = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common');
    list = new Set(dictionary['passwords-common']);
  }
  return list;
}

const require = createRequire(import.meta.url);
