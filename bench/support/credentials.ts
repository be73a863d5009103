import { createDigest, type Digest } from '../../src/credentials/digest.ts';
import {
  API_KEY_PREFIX,
  type Credential,
  DEFAULT_TOKEN_PREFIX,
  generateCredential,
} from '../../src/credentials/format.ts';
import { createMasterKey } from '../../src/credentials/master-key.ts';
import { systemRandom } from '../../src/lib/random.ts';

/** The services that are measured share it with whoever seeds their databases. It protects nothing else. */
export const MASTER_KEY = Buffer.alloc(32, 42);

/** As the services keep them. */
export const digestOf = createDigest(createMasterKey(MASTER_KEY).derive('credential-pepper'));

export interface Minted {
  readonly secret: Credential;
  readonly digest: Digest;
}

export function mintApiKey(): Minted {
  return mint(API_KEY_PREFIX);
}

export function mintToken(): Minted {
  return mint(DEFAULT_TOKEN_PREFIX);
}

/** A token that nobody was given, and that looks like one. */
export function newToken(): Credential {
  return generateCredential(DEFAULT_TOKEN_PREFIX, 'live', systemRandom);
}

function mint(prefix: string): Minted {
  const secret = generateCredential(prefix, 'live', systemRandom);
  return { secret, digest: digestOf(secret) };
}
