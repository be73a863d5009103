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

export type IdPrefix = 'ws' | 'key' | 'tkn' | 'evt' | 'req';

/** What making an id draws on. */
export interface IdSource {
  readonly clock: Clock;
  readonly random: Random;
}

/** A new id: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7). */
export function newId<Prefix extends IdPrefix>(prefix: Prefix, { clock, random }: IdSource): Id<Prefix> {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return TypeID.fromUUIDBytes(prefix, bytes).toString() as string as Id<Prefix>;
}

/** The UUID the database stores for an id. */
export function idToUuid(id: Id<IdPrefix>): string {
  return TypeID.fromString(id).toUUID();
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
const patterns: Record<IdPrefix, RegExp> = {
  ws: new RegExp(`^ws_${suffix}$`),
  key: new RegExp(`^key_${suffix}$`),
  tkn: new RegExp(`^tkn_${suffix}$`),
  evt: new RegExp(`^evt_${suffix}$`),
  req: new RegExp(`^req_${suffix}$`),
};
