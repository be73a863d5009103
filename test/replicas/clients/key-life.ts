import type { Effective } from '../../../src/coherence/fence.ts';
import type { Caller as Acting } from '../../../src/identity/principal.ts';
import { createApiKey } from '../../../src/keys/create.ts';
import { deleteApiKey } from '../../../src/keys/delete.ts';
import { regenerateApiKey } from '../../../src/keys/regenerate.ts';
import { ServiceError } from '../../../src/lib/errors.ts';
import type { Operation, Right } from '../history.ts';
import { awaitForAWhile, callWith, introspect } from './observations.ts';
import { type Caller, callerByKey } from './population.ts';
import { pause, type Stage } from './stage.ts';

/**
 * An operator who makes an API key, gives it new values and deletes it, as the commands of `tooken keys` do, and has
 * every replica called with the values before and after.
 */
export async function liveKeyLife(stage: Stage, home: number): Promise<boolean> {
  const { operator } = stage;
  const acting: Acting = {
    principal: { kind: 'system', workspaceId: operator.workspaceId, environment: 'live' },
    request: { id: 'history', method: 'CLI', route: 'keys', ip: null, userAgent: null },
  };
  const made = await work(stage, 'create key', [], () =>
    createApiKey(operator, acting, { name: 'history', environment: 'live' }),
  );
  if (made === undefined) return false;
  const { id } = made.result.apiKey;
  const values = [callerByKey(made.result.secret, made.gives)];
  await callEverywhere(stage, home, values);
  for (let left = Math.floor(Math.random() * 3); left > 0; left -= 1) {
    const next = await work(stage, 'regenerate key', rightsOf(values), () => regenerateApiKey(operator, acting, id));
    if (next !== undefined) values.push(callerByKey(next.result.secret, next.gives));
    await callEverywhere(stage, home, values.slice(-2));
  }
  await work(stage, 'delete key', rightsOf(values), () => deleteApiKey(operator, acting, id));
  await callEverywhere(stage, home, values.slice(-2));
  return true;
}

const rightsOf = (values: readonly Caller[]) => values.flatMap(({ rights }) => rights);

let made = 0;

/** Does something to a key and writes it down; undefined unless it is done. */
async function work<Result extends object>(
  { history }: Stage,
  kind: string,
  takes: readonly Right[],
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly gives: Right } | undefined> {
  made += 1;
  const gives = `value ${made} of an API key`;
  const sentMs = performance.now();
  const note = (rest: Pick<Operation, 'outcome' | 'answer'> & Partial<Operation>) =>
    history.push({ kind, replica: null, sentMs, receivedMs: performance.now(), ...rest });
  try {
    const result = await act();
    const effective = 'effective' in result ? (result.effective as Effective) : undefined;
    note({
      outcome: 'done',
      answer: 'done',
      takes: takes.map((right) => ({ right })),
      ...(kind === 'delete key' ? {} : { gives: [gives] }),
      ...(effective && { effective }),
    });
    return { result, gives };
  } catch (error) {
    const isRefused = error instanceof ServiceError && error.status < 500;
    note({
      outcome: isRefused ? 'refused' : 'unknown',
      answer: isRefused ? String(error.status) : 'failed',
      mayTake: takes,
    });
    await pause(FAILURE_PAUSE_MS);
    return undefined;
  }
}

const FAILURE_PAUSE_MS = 100;

async function callEverywhere(stage: Stage, home: number, values: readonly Caller[]): Promise<void> {
  for (const value of values) stage.population.addCaller(value);
  const secret = stage.population.anySecret();
  const calls = values.flatMap((caller) => stage.urls.map((_, replica) => callWith(stage, replica, caller)));
  const questions = secret === undefined ? [] : values.map((caller) => introspect(stage, home, secret, caller));
  await awaitForAWhile(stage, [...calls, ...questions]);
}
