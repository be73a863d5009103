import { type Change, change, lifeOf, revocation, revocationByValue } from './changes.ts';
import { callerBySecret } from './population.ts';
import { finishRotation, rotate, rotateTwice, rotateWhileRevoking } from './rotations.ts';
import type { Stage } from './stage.ts';
import { endingAt, issue, PLAIN_SCOPES, type TokenLife } from './token-life.ts';

/** One thing that may happen to a token. */
export type Step = (stage: Stage, home: number, life: TokenLife) => Promise<void>;

const narrowScopes: Step = async (stage, home, life) => {
  const dropped = life.scopes[Math.floor(Math.random() * life.scopes.length)];
  const right = life.token.scopes.get(dropped ?? '');
  const scopes = life.scopes.filter((scope) => scope !== dropped);
  if (right === undefined || scopes.length === 0) return;
  life.scopes = scopes;
  await update(stage, home, life, { kind: 'narrow scopes', json: { scopes }, takes: [right] });
};

const narrowAddresses: Step = (stage, home, life) => {
  const json = { allowed_cidrs: ['192.0.2.0/24'] };
  return update(stage, home, life, { kind: 'narrow addresses', json, takes: [life.token.openness] });
};

const endSooner: Step = (stage, home, life) => {
  const right = lifeOf(life.token.id);
  return update(stage, home, life, {
    kind: 'end sooner',
    json: { expires_at: new Date(Date.now() + 1_000 + Math.random() * 2_000).toISOString() },
    mayTakeMeanwhile: [right],
    takes: ({ text }) => [endingAt(right, (JSON.parse(text) as { expires_at: string }).expires_at)],
  });
};

/** The token itself issues others, as long as it may. */
const issueMore: Step = async (stage, home, life) => {
  const [secret, ...others] = life.current;
  const scopes = life.scopes.filter((scope) => PLAIN_SCOPES.includes(scope));
  if (secret === undefined || others.length > 0 || scopes.length === 0) return;
  if (!life.token.scopes.has('tokens:write')) return;
  for (let n = 0; n < stage.urls.length; n += 1) {
    const parent = { caller: callerBySecret(secret), scopes, parent: life.token };
    const issued = await issue(stage, (home + n) % stage.urls.length, parent);
    if (issued !== undefined) life.issued.push(issued);
  }
};

const rotateWithGrace: Step = (stage, home, life) => rotate(stage, home, life, 1 + Math.floor(Math.random() * 4));

/** Some more often than others. */
export const STEPS: readonly Step[] = [
  narrowScopes,
  narrowScopes,
  narrowAddresses,
  (stage, home, life) => rotate(stage, home, life),
  (stage, home, life) => rotate(stage, home, life),
  rotateTwice,
  rotateWhileRevoking,
  issueMore,
  issueMore,
];

export const STEPS_WITH_ENDS: readonly Step[] = [rotateWithGrace, rotateWithGrace, finishRotation, endSooner];

/** Ends the token, in one of several ways: with what it issued, by its value, as its own caller. */
export async function endTokenLife(stage: Stage, home: number, life: TokenLife): Promise<void> {
  const { token, issued, isCertain } = life;
  const [secret, ...others] = life.current;
  const isKnown = isCertain && secret !== undefined && others.length === 0;
  const dice = Math.random();
  if (issued.length > 0 && dice < 0.7) await change(stage, home, revocation(token, stage.root, true));
  else if (isKnown && dice < 0.2) await change(stage, home, revocationByValue(secret, stage.root));
  else if (isKnown && dice < 0.4) await change(stage, home, revocationByValue(secret, callerBySecret(secret)));
  else await change(stage, home, revocation(token, stage.root));
}

type Update = Pick<Change, 'kind' | 'json' | 'takes' | 'mayTakeMeanwhile'>;

async function update(stage: Stage, home: number, life: TokenLife, update: Update): Promise<void> {
  const call = { caller: stage.root, method: 'PATCH', path: `/v1/tokens/${life.token.id}` } as const;
  const { isCertain } = await change(stage, home, { ...call, ...update });
  life.isCertain &&= isCertain;
}
