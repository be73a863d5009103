import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Database, Transaction } from '../../db/connection.ts';
import type { IdSource } from '../../lib/ids.ts';
import { formatVerifierKey, makeVerifierKey, type VerifierKey } from '../core/verifier-key.ts';
import { ed25519PublicKey, sha256, signEd25519 } from '../hashing.ts';
import { insertLogKey, type LogKeyRow, selectLogKey } from './log-key-store.ts';
import { nameOfLog } from './log-name.ts';

/**
 * Every log has a key of its own, a random Ed25519 one, so that none can sign for another, and an origin, which is the
 * name it signs under:
 *
 *     origin  = <public URL without its scheme>/logs/<workspace id, or "installation">
 *     wrapped = nonce (12 bytes) ‖ AES-256-GCM(wrapping key, nonce, seed, associated data = log id ‖ origin) ‖ tag (16 bytes)
 *
 * Both are made with the log's first checkpoint and stay, whatever becomes of the public URL. A log that an operator
 * reopens gets a new key under a new origin, `…/2`, `…/3`: its next generation.
 */
export interface LogKeys {
  /**
   * The present key of a log, ready to sign.
   *
   * @throws Error if the log has none yet, or the wrapping key is not the one it was wrapped with, or its public key is not
   * that of its private key
   */
  open(executor: Database | Transaction, logId: string): Promise<LogKey>;
  /**
   * What the database says of it; undefined before the first checkpoint. Only a key that opens is ours, so what is shown to
   * others comes from `open`.
   */
  find(executor: Database | Transaction, logId: string): Promise<PublicLogKey | undefined>;
  /** Makes the key of a new generation. Under the log's lock; signs nothing before its transaction has committed. */
  make(tx: Transaction, logId: string, generation: number): Promise<PublicLogKey>;
}

export interface PublicLogKey {
  readonly generation: number;
  readonly origin: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Buffer;
  /** As C2SP signed-note writes it: `origin+key id+key`. */
  readonly verifierKey: string;
  readonly verifier: VerifierKey;
}

export interface LogKey extends PublicLogKey {
  /** The Ed25519 signature of `message`, 64 bytes. */
  sign(message: Uint8Array): Buffer;
}

export interface LogKeyOptions extends IdSource {
  /** 32 bytes, derived from the master key for this purpose. */
  readonly wrappingKey: Uint8Array;
  /** Scheme, host and port. */
  readonly publicUrl: string;
}

export function createLogKeys({ wrappingKey, publicUrl, clock, random }: LogKeyOptions): LogKeys {
  /** Of the first generation without a number; a later one is called after the one before, whatever the public URL is now. */
  function originOf(previous: LogKeyRow | undefined, logId: string, generation: number): string {
    const host = (previous?.origin ?? publicUrl.replace(/^[a-z]+:\/\//, '')).split('/')[0];
    return `${host}/logs/${nameOfLog(logId)}${generation === 1 ? '' : `/${generation}`}`;
  }

  return {
    async open(executor, logId) {
      const row = await selectLogKey(executor, logId);
      if (row === undefined) throw new Error(`the audit log ${logId} has no key yet`);
      const seed = unwrap(wrappingKey, row);
      // Nothing binds the public key to the row but this: whoever can write to the database could put in his own.
      if (!ed25519PublicKey(seed).equals(row.publicKey))
        throw new Error(`the public key of the audit log ${logId} is not its own`);
      return { ...publicPart(row), sign: (message) => signEd25519(seed, message) };
    },
    async find(executor, logId) {
      const row = await selectLogKey(executor, logId);
      return row && publicPart(row);
    },
    async make(tx, logId, generation) {
      const seed = random.bytes(SEED_BYTES);
      const origin = originOf(await selectLogKey(tx, logId), logId, generation);
      const publicKey = ed25519PublicKey(seed);
      const wrappedKey = wrap(wrappingKey, { logId, origin }, seed, random.bytes(NONCE_BYTES));
      const row = { logId, generation, origin, publicKey, wrappedKey };
      await insertLogKey(tx, row, clock.now());
      return publicPart(row);
    },
  };
}

/** The generation that an origin of this log names, whatever the public URL was then; undefined if it is another's. */
export function generationOfOrigin(origin: string, logId: string): number | undefined {
  const [, rest] = origin.split(`/logs/${nameOfLog(logId)}`);
  if (rest === '') return 1;
  return rest !== undefined && /^\/[1-9]\d{0,8}$/.test(rest) ? Number(rest.slice(1)) : undefined;
}

function publicPart({ generation, origin, publicKey }: LogKeyRow): PublicLogKey {
  const verifier = makeVerifierKey(sha256, { name: origin, algorithm: 'ed25519', publicKey });
  return { generation, origin, publicKey, verifierKey: formatVerifierKey(verifier), verifier };
}

const SEED_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

type Owner = Pick<LogKeyRow, 'logId' | 'origin'>;

/** A wrapped key that is moved to another log, or another origin, does not open. */
const bindingOf = ({ logId, origin }: Owner) => Buffer.from(`${logId}\n${origin}`, 'utf8');

function wrap(wrappingKey: Uint8Array, owner: Owner, seed: Buffer, nonce: Buffer): Buffer {
  const cipher = createCipheriv(ALGORITHM, wrappingKey, nonce).setAAD(bindingOf(owner));
  return Buffer.concat([nonce, cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(wrappingKey: Uint8Array, { wrappedKey, ...owner }: LogKeyRow): Buffer {
  const end = wrappedKey.byteLength - TAG_BYTES;
  const nonce = wrappedKey.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, wrappingKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bindingOf(owner)).setAuthTag(wrappedKey.subarray(end));
  return Buffer.concat([decipher.update(wrappedKey.subarray(NONCE_BYTES, end)), decipher.final()]);
}
