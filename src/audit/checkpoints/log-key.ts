import type { Database, Transaction } from '../../db/connection.ts';
import type { IdSource } from '../../lib/ids.ts';
import { seal, unseal } from '../../lib/sealed-box.ts';
import { formatVerifierKey, makeVerifierKey, type VerifierKey } from '../core/verifier-key.ts';
import { ed25519PublicKey, sha256, signEd25519 } from '../hashing.ts';
import { insertLogKey, type LogKeyRow, selectLogKeys } from './log-key-store.ts';
import { nameOfLog } from './log-name.ts';

/**
 * Every log has a key of its own, a random Ed25519 one, so that none can sign for another, and an origin, which is the
 * name it signs under:
 *
 *     origin  = <public URL without its scheme>/logs/<workspace id, or "installation">
 *     wrapped = a sealed box (lib/sealed-box.ts) of the seed under the wrapping key, bound to log id ‖ newline ‖ origin
 *
 * Both are made with the log's first checkpoint and stay, whatever becomes of the public URL. A log that an operator
 * reopens gets a new key under a new origin, `…/2`, `…/3`: its next generation.
 */
export interface LogKeys {
  /**
   * The present key of a log: the newest of its own. A row that does not open under the wrapping key, for this log and this
   * generation, somebody else has put there or changed; it is passed over.
   *
   * @throws Error if the log has none of its own
   */
  open(executor: Database | Transaction, logId: string): Promise<LogKey>;
  /** The same, to sign with: undefined if a row of a newer generation is none of the log's own. */
  openNewest(executor: Database | Transaction, logId: string): Promise<LogKey | undefined>;
  /** The log's own keys, that of the present generation first, as they may be shown to others. */
  own(executor: Database | Transaction, logId: string): Promise<PublicLogKey[]>;
  /** What the database says of the newest, be it the log's own or not; undefined before the first checkpoint. */
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

  /** The seed; undefined for a row that is none of the log's own. */
  function openRow(row: LogKeyRow): Buffer | undefined {
    // The origin is bound to the wrapped key, and the generation to the origin: none signs for another's.
    if (generationOfOrigin(row.origin, row.logId) !== row.generation) return undefined;
    const seed = unseal(wrappingKey, row.wrappedKey, bindingOf(row));
    // Nothing binds the public key to the row but this: whoever can write to the database could put in his own.
    return seed?.byteLength === SEED_BYTES && ed25519PublicKey(seed).equals(row.publicKey) ? seed : undefined;
  }

  // By all of the row, so an answer is right as long as it is remembered.
  const answers = new Map<string, boolean>();

  function isOwn(row: LogKeyRow): boolean {
    const { logId, generation, origin, publicKey, wrappedKey } = row;
    const asked = [logId, generation, origin, publicKey.toString('hex'), wrappedKey.toString('hex')].join('\n');
    const known = answers.get(asked);
    if (known !== undefined) return known;
    const answer = openRow(row) !== undefined;
    if (answers.size >= MOST_ANSWERS) answers.clear();
    // What somebody has put there can be large, and is looked at each time.
    if (asked.length <= LONGEST_ASKED) answers.set(asked, answer);
    return answer;
  }

  const selectOwn = async (executor: Database | Transaction, logId: string) =>
    (await selectLogKeys(executor, logId)).filter(isOwn);

  function ready(row: LogKeyRow | undefined): LogKey | undefined {
    const seed = row && openRow(row);
    return row && seed && { ...publicPart(row), sign: (message) => signEd25519(seed, message) };
  }

  return {
    async open(executor, logId) {
      const key = ready((await selectOwn(executor, logId))[0]);
      if (key === undefined) throw new Error(`the audit log ${logId} has no key that opens`);
      return key;
    },
    openNewest: async (executor, logId) => ready((await selectLogKeys(executor, logId))[0]),
    own: async (executor, logId) => (await selectOwn(executor, logId)).map(publicPart),
    async find(executor, logId) {
      const [row] = await selectLogKeys(executor, logId);
      return row && publicPart(row);
    },
    async make(tx, logId, generation) {
      const seed = random.bytes(SEED_BYTES);
      const origin = originOf((await selectOwn(tx, logId))[0], logId, generation);
      const publicKey = ed25519PublicKey(seed);
      const wrappedKey = seal(wrappingKey, seed, bindingOf({ logId, origin }), random);
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

/** So many answers are remembered, */
const MOST_ANSWERS = 10_000;
/** to questions of so many characters at most. A row of ours has some hundreds. */
const LONGEST_ASKED = 2_000;

const SEED_BYTES = 32;
type Owner = Pick<LogKeyRow, 'logId' | 'origin'>;

/** A wrapped key that is moved to another log, or another origin, does not open. */
const bindingOf = ({ logId, origin }: Owner) => `${logId}\n${origin}`;
