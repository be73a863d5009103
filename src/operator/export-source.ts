import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { damageAt } from '../audit/core/damage.ts';
import { ServiceError } from '../lib/errors.ts';

/** The bytes of an export. */
export interface ExportSource {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** As they lie in the file: of a compressed one fewer than came out. */
  readBytes(): number;
  readonly totalBytes: number | undefined;
  close(): void;
}

const PIECE_BYTES = 2 ** 18;
const GZIP_MAGIC = [0x1f, 0x8b];
/** Checkpoints are small, with all their cosignatures. */
const MAX_SMALL_FILE_BYTES = 2 ** 20;

/** `-` is standard input. Whether it is compressed shows in its first bytes, whatever its name. */
export async function openExportFile(path: string, signal: AbortSignal): Promise<ExportSource> {
  const isStdin = path === '-';
  const totalBytes = isStdin ? undefined : await sizeOf(path);
  const stream = isStdin ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  let readBytes = 0;
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });

  async function* raw(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const piece of stream) {
        readBytes += piece.length;
        yield piece;
      }
    } catch (error) {
      throw isFileError(error) ? unreadable(path, error) : error;
    }
  }

  return {
    pieces: uncompressed(raw()),
    readBytes: () => readBytes,
    totalBytes,
    close() {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    },
  };
}

async function* uncompressed(raw: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  let head: Uint8Array = new Uint8Array();
  for (let next = await raw.next(); next.done !== true; next = await raw.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= GZIP_MAGIC.length) break;
  }
  const rest = (async function* () {
    yield head;
    yield* raw;
  })();
  yield* GZIP_MAGIC.every((byte, n) => head[n] === byte) ? unzipped(rest) : rest;
}

/** Node unzips in a thread of its own, next to the verification. */
async function* unzipped(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  const filling = fill(gunzip, compressed);
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
    await filling;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw damageAt(null, 'truncated', 'The compressed file ends in the middle, or is damaged.');
  } finally {
    gunzip.destroy();
  }
}

async function fill(gunzip: Readable & NodeJS.WritableStream, compressed: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const piece of compressed) {
      if (gunzip.destroyed) return;
      if (!gunzip.write(piece))
        await new Promise<void>((resolve) => gunzip.once('drain', resolve).once('close', resolve));
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error as Error);
  }
}

/** @throws ServiceError `invalid_request` if it cannot be read, or is no small file */
export async function readSmallFile(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_SMALL_FILE_BYTES + 1));
      if (bytesRead <= MAX_SMALL_FILE_BYTES) return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw isFileError(error) ? unreadable(path, error) : error;
  }
  throw new ServiceError('invalid_request', { message: `${path} is too large for a checkpoint.` });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const { size, isFile } = await stat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
    return isFile ? size : undefined;
  } catch (error) {
    throw isFileError(error) ? unreadable(path, error) : error;
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a directory',
};

function unreadable(path: string, cause: NodeJS.ErrnoException): ServiceError {
  const reason = REASONS[cause.code ?? ''] ?? `reading fails with ${cause.code}`;
  return new ServiceError('invalid_request', { message: `${path} cannot be read: ${reason}.`, cause });
}
