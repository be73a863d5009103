import type { Outcome } from '../history.ts';
import type { HttpReply } from './http-client.ts';
import { type Caller, callerBySecret, type KnownSecret } from './population.ts';
import { type Meaning, pause, perform, type Stage, showsCaller } from './stage.ts';

const INTROSPECTION_SCOPE = 'tokens:introspect';

/** Asks a replica about a secret. */
export async function introspect(stage: Stage, replica: number, secret: KnownSecret, caller: Caller): Promise<Outcome> {
  const call = {
    kind: 'introspect',
    replica,
    caller,
    method: 'POST',
    path: '/v1/tokens/introspect',
    form: { token: secret.value },
  } as const;
  const { outcome } = await perform(stage, call, (reply) => {
    const ofCaller = showsCaller(caller, reply, INTROSPECTION_SCOPE);
    const ofToken = reply.status === 200 ? verdictOn(secret, reply) : {};
    return {
      shows: [...ofCaller.shows, ...(ofToken.shows ?? [])],
      denies: [...ofCaller.denies, ...(ofToken.denies ?? [])],
    };
  });
  return outcome;
}

/** What a verdict shows and denies of a secret; of another token than its own, something that nobody was given. */
function verdictOn({ token, right }: KnownSecret, { text }: HttpReply): Meaning {
  const { active, scope = '', jti } = JSON.parse(text) as { active: boolean; scope?: string; jti?: string };
  if (!active) return { denies: [[right, ...token.life, token.openness]] };
  if (jti !== token.id) return { shows: [`the identity of ${jti}`] };
  const told = new Set(scope.split(' '));
  const scopes = [...token.scopes];
  return {
    shows: [right, ...token.life, token.openness, ...scopes.filter(([name]) => told.has(name)).map(([, held]) => held)],
    denies: scopes.filter(([name]) => !told.has(name)).map(([, held]) => [held]),
  };
}

/** Calls a management route with a credential, which shows whether it is accepted. */
export async function callWith(stage: Stage, replica: number, caller: Caller): Promise<Outcome> {
  const call = { kind: 'whoami', replica, caller, method: 'GET', path: '/v1/whoami' } as const;
  return (await perform(stage, call, (reply) => showsCaller(caller, reply))).outcome;
}

/** For so long a client waits for the answers to all that it asks. */
const PATIENCE_MS = 300;
const MOST_LOOSE = 1_000;

/** Asks every replica about secrets at once, also by calling with them. */
export async function askEverywhere(stage: Stage, secrets: readonly KnownSecret[]): Promise<void> {
  const { urls, population } = stage;
  const questions = secrets.flatMap((secret) =>
    urls.flatMap((_, replica) => [
      introspect(stage, replica, secret, population.anyCaller()),
      ...(Math.random() < 0.3 ? [callWith(stage, replica, callerBySecret(secret))] : []),
    ]),
  );
  await awaitForAWhile(stage, questions);
}

/** Waits for answers, but not for those of a replica that stands still. */
export async function awaitForAWhile({ loose }: Stage, questions: readonly Promise<unknown>[]): Promise<void> {
  for (const question of questions) {
    loose.add(question);
    void question.finally(() => loose.delete(question));
  }
  const answers = Promise.all(questions);
  await (loose.size > MOST_LOOSE ? answers : Promise.race([answers, pause(PATIENCE_MS)]));
}

/** Asks one replica about anything that is about, at the pace of the run and until that is over. */
export async function observe(stage: Stage, replica: number): Promise<void> {
  while (!stage.isOver()) {
    const secret = stage.population.anySecret();
    const caller = stage.population.anyCaller();
    const isCall = secret === undefined || Math.random() < 0.1;
    const outcome = await (isCall ? callWith(stage, replica, caller) : introspect(stage, replica, secret, caller));
    await pause(outcome === 'unknown' ? UNKNOWN_PAUSE_MS : stage.paceMs);
  }
}

const UNKNOWN_PAUSE_MS = 50;
