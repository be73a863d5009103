import { ed25519PublicKey } from '../../audit/hashing.ts';
import { type Database, inTransaction } from '../../db/connection.ts';
import type { IdSource } from '../../lib/ids.ts';
import { seal, unseal } from '../../lib/sealed-box.ts';
import { thumbprintOf } from './jws.ts';
import { insertSigningKey, lockSigningKeys, type SigningKeyRow, selectSigningKeys } from './store.ts';

/** An Ed25519 key that signs access tokens. */
export interface SigningKey {
  /** Its RFC 7638 thumbprint. */
  readonly kid: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** The private key, 32 bytes. */
  readonly seed: Buffer;
}

export interface SigningKeyOptions extends IdSource {
  readonly db: Database;
  /** 32 bytes, derived from the master key for this purpose. */
  readonly wrappingKey: Uint8Array;
}

/**
 * The keys of this installation, newest first and at least one: it is made if there is none. A row that does not open under
 * the wrapping key, or not for its own id, somebody with access to the database has put there or changed; it is passed over.
 */
export async function openSigningKeys(options: SigningKeyOptions): Promise<readonly SigningKey[]> {
  const { db, wrappingKey } = options;
  const known = openRows(await selectSigningKeys(db), wrappingKey);
  if (known.length > 0) return known;
  return inTransaction(db, async (tx) => {
    await lockSigningKeys(tx);
    const madeMeanwhile = openRows(await selectSigningKeys(tx), wrappingKey);
    if (madeMeanwhile.length > 0) return madeMeanwhile;
    const { row, key } = makeKey(options);
    // Commit point. A crash before it leaves no key, and nothing is signed that it would be missed for.
    await insertSigningKey(tx, row);
    return [key];
  });
}

function makeKey({ wrappingKey, clock, random }: SigningKeyOptions): { row: SigningKeyRow; key: SigningKey } {
  const seed = random.bytes(SEED_BYTES);
  const publicKey = ed25519PublicKey(seed);
  const kid = thumbprintOf(publicKey);
  const wrappedKey = seal(wrappingKey, seed, bindingOf(kid), random);
  return { row: { kid, publicKey, wrappedKey, createdAt: clock.now() }, key: { kid, publicKey, seed } };
}

function openRows(rows: readonly SigningKeyRow[], wrappingKey: Uint8Array): SigningKey[] {
  return rows.flatMap((row) => openRow(row, wrappingKey) ?? []);
}

function openRow({ kid, publicKey, wrappedKey }: SigningKeyRow, wrappingKey: Uint8Array): SigningKey | undefined {
  if (publicKey.byteLength !== KEY_BYTES || kid !== thumbprintOf(publicKey)) return undefined;
  const seed = unseal(wrappingKey, wrappedKey, bindingOf(kid));
  if (seed?.byteLength !== SEED_BYTES || !ed25519PublicKey(seed).equals(publicKey)) return undefined;
  return { kid, publicKey, seed };
}

const SEED_BYTES = 32;
const KEY_BYTES = 32;

/** A sealed seed that is moved to another row does not open there. */
function bindingOf(kid: string): string {
  return `access-token-key\n${kid}`;
}
