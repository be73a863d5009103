import { hkdfSync } from 'node:crypto';
import { generateSecret, type OpaqueSecret } from '../../credentials/opaque-secret.ts';

/**
 * The refresh token that follows another. It is derived, so that who repeats a refresh whose answer was lost can be given
 * the same one again, though nobody keeps it: neither the database nor an older token leads to it without `key`, which is
 * derived from the master key for this purpose.
 */
export type SuccessorFunction = (presented: OpaqueSecret) => OpaqueSecret;

export function createSuccessors(key: Uint8Array): SuccessorFunction {
  return (presented) => {
    let draws = 0;
    const bytes = (size: number) => {
      draws += 1;
      return Buffer.from(hkdfSync('sha256', key, presented, `tooken/v1/refresh-successor/${draws}`, size));
    };
    return generateSecret('refresh', { bytes });
  };
}
