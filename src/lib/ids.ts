import { TypeID } from 'typeid-js';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/**
 * Public ids are TypeIDs: a prefix that names the kind and a UUIDv7 in Crockford base32, `tkn_01h455vb4pex5vsknk084sn02q`.
 * The database stores the UUID, so ids sort by creation time in both forms.
 */
declare const kind: unique symbol;
export type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [kind]: Prefix };

export type WorkspaceId = Id<'ws'>;
export type ApiKeyId = Id<'key'>;
export type TokenId = Id<'tkn'>;
export type EventId = Id<'evt'>;
export type MemberId = Id<'usr'>;
export type SessionId = Id<'ses'>;
export type RoleId = Id<'role'>;
export type GroupId = Id<'grp'>;
export type ProjectId = Id<'prj'>;

/** `lnk`, `chl` and `log` name a link, a sign-in that waits for its second factor, and an entry of the request log. */
const ID_PREFIXES = [
  'ws',
  'key',
  'tkn',
  'evt',
  'req',
  'usr',
  'ses',
  'role',
  'grp',
  'prj',
  'lnk',
  'chl',
  'log',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** What making an id draws on. */
export interface IdSource {
  readonly clock: Clock;
  readonly random: Random;
}

/** A new id: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7). */
export function newId<Prefix extends IdPrefix>(prefix: Prefix, { clock, random }: IdSource): Id<Prefix> {
  const words = random.bytes(16);
  const tail = digits(words.readUInt32BE(12));
  return `${timeDigits(prefix, clock.now().getTime())}${randomDigits(words)}${tail}` as Id<Prefix>;
}

/** `atMs` is now, on the monotonic clock. The other one is read once a millisecond. */
export type IdSeries<Prefix extends IdPrefix> = (atMs: number) => Id<Prefix>;

/**
 * Makes ids of one kind that count up in their last 20 bits from one to the next (RFC 9562 §6.2, method 1), for a
 * fiftieth of what `newId` costs. For what need not be hard to guess.
 */
export function createIdSeries<Prefix extends IdPrefix>(prefix: Prefix, { clock, random }: IdSource): IdSeries<Prefix> {
  let randomPart = '';
  let count = 0;
  let head = '';
  let headMs = Number.NEGATIVE_INFINITY;
  return (atMs) => {
    if (count === 0) randomPart = randomDigits(random.bytes(12));
    if (atMs - headMs >= 1 || count === 0) {
      head = timeDigits(prefix, clock.now().getTime()) + randomPart;
      headMs = atMs;
    }
    const id = head + digits(count);
    count = (count + 1) % 2 ** 20;
    return id as Id<Prefix>;
  };
}

// The 128 bits of a UUIDv7, behind two zero bits, are 26 digits of base 32: ten of time, then four times 20 bits, of
// which the first hold the version and the variant.

function timeDigits(prefix: IdPrefix, ms: number): string {
  const low = ms % 2 ** 30;
  return `${prefix}_${digits(Math.floor(ms / 2 ** 30))}${pair(low >> 20)}${digits(low)}`;
}

/** Those in the middle, from three words. */
function randomDigits(words: Buffer): string {
  const versioned = (words.readUInt32BE(0) & 0x0fff3) | 0x70008;
  return digits(versioned) + digits(words.readUInt32BE(4)) + digits(words.readUInt32BE(8));
}

/** The lowest 20 bits as four digits. */
function digits(bits: number): string {
  return pair((bits >> 10) & 0x3ff) + pair(bits & 0x3ff);
}

function pair(bits: number): string {
  return DIGIT_PAIRS[bits] ?? '';
}

/** Crockford's digits in twos, for ten bits at a time. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const DIGIT_PAIRS = [...DIGITS].flatMap((first) => [...DIGITS].map((second) => first + second));

/** The UUID the database stores for an id. Throws for what is no id of ours. */
export function idToUuid(id: Id<IdPrefix>): string {
  const start = id.length - DIGITS_PER_ID;
  // Two digits are ten bits, of which the first two are zero; then 20 bits at a time.
  let hex = hexOf(numberAt(id, start, 2), 2);
  for (let at = start + 2; at < id.length; at += 4) hex += hexOf(numberAt(id, at, 4), 5);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const DIGITS_PER_ID = 26;

function numberAt(id: string, at: number, length: number): number {
  let number = 0;
  for (let n = at; n < at + length; n += 1) {
    const value = DIGIT_VALUES[id.charCodeAt(n)] ?? -1;
    if (value < 0) throw new TypeError('not an id');
    number = number * 32 + value;
  }
  return number;
}

/** By character code. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code)));

function hexOf(number: number, length: number): string {
  const hex = number.toString(16);
  if (hex.length > length) throw new TypeError('not an id');
  return hex.padStart(length, '0');
}

/** The id of a stored UUID. */
export function idFromUuid<Prefix extends IdPrefix>(prefix: Prefix, uuid: string): Id<Prefix> {
  return TypeID.fromUUID(prefix, uuid).toString() as string as Id<Prefix>;
}

/** The id in `text`, or undefined if it is none of this kind. Accepts only what {@link newId} writes. */
export function parseId<Prefix extends IdPrefix>(prefix: Prefix, text: string): Id<Prefix> | undefined {
  if (!idPattern(prefix).test(text)) return undefined;
  return text as Id<Prefix>;
}

/** Matches the ids of one kind; the first suffix character cannot exceed 7, since 26 characters hold 130 bits. */
export function idPattern(prefix: IdPrefix): RegExp {
  return patterns[prefix];
}

const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const patterns = Object.fromEntries(
  ID_PREFIXES.map((prefix) => [prefix, new RegExp(`^${prefix}_${suffix}$`)]),
) as Record<IdPrefix, RegExp>;
