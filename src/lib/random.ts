import { randomBytes } from 'node:crypto';

/** Where unpredictable bytes come from. Everything that draws takes a `Random`; nothing else calls the generator. */
export interface Random {
  bytes(size: number): Buffer;
}

export const systemRandom: Random = { bytes: (size) => randomBytes(size) };
