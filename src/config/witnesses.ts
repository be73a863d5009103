import { hash } from 'node:crypto';
import { z } from 'zod';
import { NoteError } from '../audit/core/note.ts';
import { parseVerifierKey, type VerifierKey } from '../audit/core/verifier-key.ts';

/** Somebody who watches that the audit log only grows (c2sp.org/tlog-witness), and says so by cosigning checkpoints. */
export interface Witness {
  readonly key: VerifierKey;
  /** The submission prefix, without a trailing slash. */
  readonly url: string;
}

/** Readers of signed notes accept 16 signatures at least; one is the log's own. */
const MOST_WITNESSES = 15;

/** For a variable that holds `<verifier key> <URL>` of each witness, separated by commas. */
export function toWitnesses(text: string, context: z.RefinementCtx): Witness[] {
  const refuse = (problem: string) => {
    context.addIssue(problem);
    return z.NEVER;
  };
  const entries = text.split(',').map((entry) => entry.trim().split(/\s+/));
  if (entries.length > MOST_WITNESSES) return refuse(`must name at most ${MOST_WITNESSES} witnesses`);
  const witnesses: Witness[] = [];
  for (const [index, [keyText = '', urlText = '', ...rest]] of entries.entries()) {
    const place = entries.length === 1 ? '' : `witness ${index + 1}: `;
    if (urlText === '' || rest.length > 0) {
      return refuse(`${place}must be a verifier key, a space and a URL; commas separate witnesses`);
    }
    const key = readKey(keyText);
    if (typeof key === 'string') return refuse(`${place}${key}`);
    const url = readUrl(urlText);
    if (url === undefined) {
      return refuse(`${place}the URL must be https (http for a loopback address), without query or credentials`);
    }
    if (witnesses.some((known) => known.key.name === key.name)) return refuse(`${place}has the name of another one`);
    witnesses.push({ key, url });
  }
  return witnesses;
}

/** The key, or what is wrong with it. */
function readKey(text: string): VerifierKey | string {
  let key: VerifierKey;
  try {
    key = parseVerifierKey((bytes) => hash('sha256', bytes, 'buffer'), text);
  } catch (error) {
    // Its message quotes nothing.
    if (error instanceof NoteError) return `the first part: ${error.message.replace(/\.$/, '')}`;
    throw error;
  }
  if (key.algorithm === 'cosignature') return key;
  return 'the verifier key is of a log, not of a witness: its type must be 0x04, an Ed25519 cosignature key';
}

const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function readUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || text.includes('?') || text.includes('#')) return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const isAllowed = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOST.test(url.hostname));
  return isAllowed ? url.href.replace(/\/+$/, '') : undefined;
}
