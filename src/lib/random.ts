import { randomBytes } from 'node:crypto';

/** Where unpredictable bytes come from. Everything that needs them takes a `Random`, so that a test can fix them. */
export interface Random {
  /** `size` bytes fit for secrets. */
  bytes(size: number): Buffer;
}

export const systemRandom: Random = {
  bytes: (size) => randomBytes(size),
};

/** A random UUID (RFC 9562 §5.4). */
export function randomUuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
