import { bytesEqual, toBase64, toHex } from '../../../audit/core/base64.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../../audit/core/checkpoint.ts';
import { isEarlierOrigin } from '../../../audit/core/log-origin.ts';
import { parseNote } from '../../../audit/core/note.ts';
import { verifyConsistency } from '../../../audit/core/proof.ts';
import { hashesFrom } from '../../../audit/core/read-line.ts';
import { isSameKey, parseVerifierKey, type VerifierKey, type VerifyEd25519 } from '../../../audit/core/verifier-key.ts';
import { sha256 } from './hashing.ts';
import { fails, holds, messageOf, open, type Step } from './step.ts';

/** What the visitor has kept, as it was pasted; empty if nothing was. */
export interface Kept {
  readonly key: string;
  readonly checkpoint: string;
}

/** What the service says of the log now: a signed note, and the key to verify it with. */
export interface Head {
  readonly checkpoint: string;
  readonly verifier_key: string;
}

/** Asks for the proof (RFC 6962 §2.1.2) between two sizes; undefined if there is none to be had. */
export type AskGrowth = (from: number, to: number) => Promise<readonly string[] | undefined>;

export interface JudgedHead {
  readonly steps: readonly Step[];
  /** Undefined if the note is none. It is to be believed only if no step fails. */
  readonly checkpoint: Checkpoint | undefined;
}

const SIGNATURE = 'The checkpoint is signed by the log';
const KEY = 'The key is the one that you have kept';
const HISTORY = 'The log has only grown since your checkpoint';
/** Of an export. */
export const SENT = 'The file is, byte for byte, what the service sent';
/** What rests on signatures. */
const SIGNED: ReadonlySet<string> = new Set([SIGNATURE, HISTORY, SENT]);

/** Whose checkpoint it is, and whether it goes on from the one that was kept. */
export async function judgeHead(
  verify: VerifyEd25519,
  head: Head,
  kept: Kept,
  askGrowth: AskGrowth,
): Promise<JudgedHead> {
  const checkpoint = readCheckpoint(head.checkpoint);
  const key = keyOf(kept.key === '' ? head.verifier_key : kept.key);
  if (typeof key === 'string') {
    const step = kept.key === '' ? fails(SIGNATURE, key) : fails(KEY, key);
    return { steps: [step], checkpoint };
  }
  const steps = [judgeSignature(verify, head.checkpoint, key), judgeKey(head.verifier_key, key, kept.key !== '')];
  const history =
    checkpoint === undefined ? [] : [await judgeHistory(verify, { key, checkpoint, kept: kept.checkpoint, askGrowth })];
  return { steps: [...steps, ...history], checkpoint };
}

/** The same, by a browser that cannot check signatures. */
export function unsigned(steps: readonly Step[]): Step[] {
  return steps.map((step) => {
    if (step.outcome !== 'holds' || !SIGNED.has(step.title)) return step;
    const said = `${step.title === HISTORY ? `${step.said} ` : ''}${CANNOT_CHECK}`;
    return { ...step, outcome: 'open', said };
  });
}

const CANNOT_CHECK =
  'This browser cannot check Ed25519 signatures, so nobody vouches for the root here. On the command line, tooken audit ' +
  'verify does for exports, and tooken audit verify-proof for single events.';

/** Says nothing about who signed it. */
function readCheckpoint(text: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(parseNote(text).text);
  } catch {
    return undefined;
  }
}

/** The key, or why it is none. */
export function keyOf(text: string): VerifierKey | string {
  try {
    const key = parseVerifierKey(sha256, text.trim());
    return key.algorithm === 'ed25519' ? key : 'This is the key of a witness, not that of a log.';
  } catch (error) {
    return messageOf(error);
  }
}

function judgeSignature(verify: VerifyEd25519, text: string, key: VerifierKey): Step {
  try {
    const { checkpoint } = openCheckpoint({ verify }, text, key);
    return holds(SIGNATURE, 'Its text, byte for byte, was signed with the key below.', [
      ['Log', checkpoint.origin],
      ['Key', toHex(key.keyId)],
      ['Events', String(checkpoint.size)],
      ['Root', toBase64(checkpoint.root)],
    ]);
  } catch (error) {
    return fails(SIGNATURE, messageOf(error));
  }
}

/** Whether the key is the visitor's own, and that of the service. */
export function judgeKey(served: string, key: VerifierKey, isKept: boolean): Step {
  if (!isKept) {
    const said =
      'You gave none, so the key is the one that this service names: that proves that nothing was damaged, not ';
    return open(KEY, `${said}that the service is honest. Paste the key that you noted, above.`);
  }
  const other = keyOf(served);
  if (typeof other !== 'string' && isSameKey(key, other)) return holds(KEY, 'The service names the same one.');
  return fails(KEY, 'The service names another key now. Somebody has to tell you why, by other means.', [
    ['Yours', toHex(key.keyId)],
    ['Named by the service', typeof other === 'string' ? 'none' : toHex(other.keyId)],
  ]);
}

interface History {
  readonly key: VerifierKey;
  readonly checkpoint: Checkpoint;
  readonly kept: string;
  readonly askGrowth: AskGrowth;
}

async function judgeHistory(verify: VerifyEd25519, { key, checkpoint, kept, askGrowth }: History): Promise<Step> {
  if (kept === '') return open(HISTORY, 'You gave no checkpoint of an earlier day to compare with.');
  const text = asServed(kept);
  const earlier = readCheckpoint(text);
  if (earlier !== undefined && isEarlierOrigin(earlier.origin, key.name)) {
    return open(HISTORY, `Your checkpoint is from before the log began anew as ${key.name}. ${BY_COMMAND_LINE}`);
  }
  let opened: Checkpoint;
  try {
    opened = openCheckpoint({ verify }, text, key).checkpoint;
  } catch (error) {
    return fails(HISTORY, `Your checkpoint cannot be used. ${messageOf(error)}`);
  }
  return await compare(opened, checkpoint, askGrowth);
}

const BY_COMMAND_LINE = 'On the command line, tooken audit verify takes both keys and compares the two.';

async function compare(earlier: Checkpoint, now: Checkpoint, askGrowth: AskGrowth): Promise<Step> {
  const numbers = [
    ['Your checkpoint', `${earlier.size} events, root ${toBase64(earlier.root)}`],
    ['The log’s', `${now.size} events, root ${toBase64(now.root)}`],
  ] as const;
  if (earlier.size > now.size) {
    return fails(HISTORY, 'The log has become shorter: events that your checkpoint counts are gone from it.', numbers);
  }
  if (earlier.size === now.size) {
    return bytesEqual(earlier.root, now.root)
      ? holds(HISTORY, 'It is as large as it was then, and has the same root.', numbers)
      : fails(HISTORY, 'The log shows another history of the same size. Both are signed: keep them.', numbers);
  }
  const proof = hashesFrom((await askGrowth(earlier.size, now.size)) ?? []);
  const claim = { oldSize: earlier.size, oldRoot: earlier.root, newSize: now.size, newRoot: now.root };
  return proof !== undefined && verifyConsistency(sha256, { ...claim, proof })
    ? holds(HISTORY, `It begins with the ${earlier.size} events that your checkpoint signs, each as it was.`, numbers)
    : fails(
        HISTORY,
        `The service does not show that the log still begins with the ${earlier.size} events that your checkpoint signs. ` +
          'If it is so again when you try once more, its past was changed. Keep both checkpoints: they prove it.',
        numbers,
      );
}

/** Of a checkpoint that was pasted: fields of forms take away the line feed at the end, and some programs put others in. */
export function asServed(pasted: string): string {
  return `${pasted.replaceAll('\r\n', '\n').trim()}\n`;
}
