import { isEarlierOrigin } from '../audit/core/log-origin.ts';
import { NoteError } from '../audit/core/note.ts';
import { isSameKey, parseVerifierKey, type VerifierKey } from '../audit/core/verifier-key.ts';
import { sha256 } from '../audit/hashing.ts';
import { ServiceError } from '../lib/errors.ts';

/**
 * The verifier key (C2SP signed-note) that was given for `option`.
 *
 * @throws ServiceError `invalid_request` if it is none, or one of the other kind
 */
export function readVerifierKey(text: string, option: string, algorithm: VerifierKey['algorithm']): VerifierKey {
  try {
    const key = parseVerifierKey(sha256, text.trim());
    if (key.algorithm === algorithm) return key;
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw invalid(`${option}: ${error.message}`);
  }
  throw invalid(
    algorithm === 'ed25519'
      ? `${option}: this is the key of a witness. The key of a log is at <service>/logs/<workspace>/key.`
      : `${option}: this is a key that signs checkpoints, not cosignatures.`,
  );
}

/**
 * The keys that a log had before it began anew with `key`.
 *
 * @throws ServiceError `invalid_request` for the key of another log, or of a later beginning
 */
export function readPreviousKeys(texts: readonly string[], key: VerifierKey): VerifierKey[] {
  const keys = texts.map((text) => readVerifierKey(text, '--previous-key', 'ed25519'));
  const other = keys.find(({ name }) => !isEarlierOrigin(name, key.name));
  if (other === undefined) return keys;
  throw invalid(`--previous-key: ${other.name} is not what the log ${key.name} was before it began anew.`);
}

/** The keys of the witnesses that were asked for. One key under two names is one witness. */
export function readWitnessKeys(texts: readonly string[]): VerifierKey[] {
  const keys = texts.map((text) => readVerifierKey(text, '--witness', 'cosignature'));
  return keys.filter((key, n) => keys.findIndex((other) => isSameKey({ ...other, name: key.name }, key)) === n);
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_request', { message });
}
