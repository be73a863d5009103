import { ServiceError } from '../../../lib/errors.ts';

/**
 * Metadata as people write it: lines of `key=value`, whose values are text, or JSON.
 *
 * @throws ServiceError `validation_failed` about `metadata`
 */
export function metadataIn(text: string): unknown {
  const trimmed = text.trim();
  return trimmed.startsWith('{') ? fromJson(trimmed) : fromLines(trimmed);
}

/** Metadata as {@link metadataIn} reads it: lines where they say all there is. */
export function metadataText(metadata: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(metadata);
  // Only text can stand in a line: what else there is may not even become text.
  const texts = entries.flatMap(([key, value]) => (typeof value === 'string' ? [`${key}=${value}`] : []));
  const lines = texts.join('\n');
  const isSaid = texts.length === entries.length && saysTheSame(lines, metadata);
  return isSaid ? lines : JSON.stringify(metadata, null, 2);
}

function saysTheSame(lines: string, metadata: Readonly<Record<string, unknown>>): boolean {
  try {
    return JSON.stringify(metadataIn(lines)) === JSON.stringify(metadata);
  } catch {
    return false;
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('starts like JSON, but is none; look for a missing quote, comma or bracket');
  }
}

function fromLines(text: string): Record<string, string> {
  const metadata = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const key = line.slice(0, Math.max(at, 0)).trim();
    if (key === '') throw wrong(`has no key=value in line ${index + 1}`);
    if (metadata.has(key)) throw wrong(`says twice what ${key} is`);
    metadata.set(key, line.slice(at + 1).trim());
  }
  return Object.fromEntries(metadata);
}

function wrong(message: string): ServiceError {
  return new ServiceError('validation_failed', { details: [{ path: 'metadata', message }] });
}
