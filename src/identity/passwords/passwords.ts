import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { Random } from '../../lib/random.ts';
import { watchLoop } from './rest.ts';
import { createTurns } from './turns.ts';

/**
 * Passwords as the database keeps them: argon2id (RFC 9106) with the least parameters that OWASP recommends, in PHC string
 * format. A password is normalised (NFKC, as RFC 8265 has it for what people type) before it is hashed, so that it does not
 * matter which keyboard it comes from; nothing is cut off.
 *
 * Hashing takes some 10 to 50 ms of a core and 19 MiB. So only few are hashed at once, in threads of their own, and the
 * rest wait; `lane` tells apart who is to wait behind whom (turns.ts).
 */
export interface Passwords {
  /** @throws ServiceError `unavailable` when too many wait */
  hash(password: string, lane?: string): Promise<string>;
  /**
   * Whether `password` is the one behind `stored`. Null stands for nobody's: the same work, and never true.
   *
   * @throws ServiceError `unavailable` when too many wait
   */
  verify(password: string, stored: string | null, lane?: string): Promise<boolean>;
  /** Whether a hash was made with other parameters than those of today. */
  isOutdated(stored: string): boolean;
}

const PARAMETERS = {
  // Argon2id. The package declares its names as a const enum, which modules that are compiled one by one cannot read.
  algorithm: 2,
  /** In KiB. */
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Work for two and a half to twelve seconds: longer than that nobody waits for an answer. */
const MAX_WAITING = 250;
/** Others need the cores as well: introspections, and PostgreSQL if it is on the same machine. */
const CORES_PER_HASH = 4;

export function createPasswords({ random }: { readonly random: Random }): Passwords {
  const atOnce = Math.max(1, Math.floor(availableParallelism() / CORES_PER_HASH));
  const turns = createTurns({ atOnce, maxWaiting: MAX_WAITING, watch: watchLoop });
  const nobodys = nobodysHash(random);
  return {
    hash: (password, lane = '') =>
      turns.run(lane, () => hash(password.normalize('NFKC'), { ...PARAMETERS, salt: random.bytes(SALT_BYTES) })),
    async verify(password, stored, lane = '') {
      const matches = await turns.run(lane, () => verify(stored ?? nobodys, password.normalize('NFKC')));
      return matches && stored !== null;
    },
    isOutdated(stored) {
      const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(stored);
      return (
        algorithm !== PARAMETERS.algorithm ||
        memoryCost !== PARAMETERS.memoryCost ||
        timeCost !== PARAMETERS.timeCost ||
        parallelism !== PARAMETERS.parallelism
      );
    },
  };
}

/** Looks like the hash of a password, and is that of none: 256 random bits. */
function nobodysHash(random: Random): string {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  const part = (size: number) => random.bytes(size).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${part(SALT_BYTES)}$${part(HASH_BYTES)}`;
}
