import { type Change, change, revocation } from './changes.ts';
import type { KnownSecret } from './population.ts';
import type { Stage } from './stage.ts';
import { announce, endingAt, type TokenLife } from './token-life.ts';

/** Ends all secrets before the new one, or, with a grace period, leaves the current one until that is over. */
export async function rotate(stage: Stage, home: number, life: TokenLife, graceSeconds = 0): Promise<void> {
  const { current, previous } = life;
  const [only, ...others] = current;
  const leaves = graceSeconds > 0 && others.length === 0 ? only : undefined;
  const ended = [...previous, ...current].filter((secret) => secret !== leaves).map(({ right }) => right);
  const secret = await rotateOnce(stage, home, life, {
    right: nextRight(life),
    json: { grace_seconds: leaves === undefined ? 0 : graceSeconds },
    mayTakeMeanwhile: [...previous, ...current].map(({ right }) => right),
    takes: ({ text }) => {
      const { previous: overlap } = JSON.parse(text) as RotatedBody;
      const endings = leaves === undefined ? [] : [endingAt(leaves.right, overlap.valid_until)];
      return [...ended.map((right) => ({ right })), ...endings];
    },
  });
  if (secret === undefined) return;
  life.previous = current;
  life.current = [secret];
}

/** Two rotations at once, each at another replica. Both are done, and the later one ends the secret of the other. */
export async function rotateTwice(stage: Stage, home: number, life: TokenLife): Promise<void> {
  const takes = [...life.current, ...life.previous].map(({ right }) => right);
  const [one, other] = [nextRight(life), nextRight(life)];
  const away = (home + 1) % stage.urls.length;
  const secrets = await Promise.all([
    rotateOnce(stage, home, life, { right: one, json: {}, takes, mayTake: [other] }),
    rotateOnce(stage, away, life, { right: other, json: {}, takes, mayTake: [one] }),
  ]);
  life.previous = life.current;
  life.current = secrets.filter((secret) => secret !== undefined);
}

/** Revokes at one replica while another rotates. */
export async function rotateWhileRevoking(stage: Stage, home: number, life: TokenLife): Promise<void> {
  const away = (home + 1) % stage.urls.length;
  await Promise.all([rotate(stage, away, life), change(stage, home, revocation(life.token, stage.root))]);
  life.isCertain = false;
}

export async function finishRotation(stage: Stage, home: number, life: TokenLife): Promise<void> {
  const { isCertain } = await change(stage, home, {
    kind: 'finish rotation',
    caller: stage.root,
    method: 'POST',
    path: `/v1/tokens/${life.token.id}/rotate/finish`,
    json: {},
    takes: life.previous.map(({ right }) => right),
  });
  life.isCertain &&= isCertain;
}

type Rotation = Pick<Change, 'json' | 'takes' | 'mayTake' | 'mayTakeMeanwhile'> & { readonly right: string };

interface RotatedBody {
  readonly secret: string;
  readonly previous: { readonly valid_until: string };
}

async function rotateOnce(
  stage: Stage,
  home: number,
  life: TokenLife,
  { right, ...rotation }: Rotation,
): Promise<KnownSecret | undefined> {
  const { token } = life;
  const { done, isCertain } = await change(stage, home, {
    kind: 'rotate',
    caller: stage.root,
    method: 'POST',
    path: `/v1/tokens/${token.id}/rotate`,
    idempotencyKey: crypto.randomUUID(),
    gives: [right],
    ...rotation,
  });
  life.isCertain &&= isCertain && done !== undefined;
  if (done === undefined) return undefined;
  const secret = { token, right, value: (JSON.parse(done.text) as RotatedBody).secret };
  announce(stage, secret);
  return secret;
}

let rotations = 0;

function nextRight({ token }: TokenLife): string {
  rotations += 1;
  return `secret ${rotations} of ${token.id}`;
}
