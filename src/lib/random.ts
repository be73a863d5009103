import { randomBytes } from 'node:crypto';

/** Where unpredictable bytes come from. Everything that needs them takes a `Random`, so that a test can fix them. */
export interface Random {
  /** `size` bytes fit for secrets. */
  bytes(size: number): Buffer;
}

export const systemRandom: Random = {
  bytes: (size) => randomBytes(size),
};
