import { processEnvironment, type Session, type SessionOptions, withSession } from '../operator/session.ts';
import { type Ending, Interruption } from './exit-codes.ts';
import { complain, endWith, isClosedPipe, print, say } from './output.ts';
import { escapeInvisible } from './text.ts';

/** What a command has to show. */
export interface Presentation<View> {
  /** The document of `--json`. */
  json(view: View): object;
  /** For people, on stdout. */
  text(view: View): string;
  /** For people, on stderr, with and without `--json`. */
  notes?(view: View): readonly string[];
  /** What to do when the output, which holds a secret, could not be written. */
  rescue?(view: View): string;
  /** How the command ends when all of that is shown; well, unless given. */
  ending?(view: View): Ending;
}

export interface CommandOptions {
  readonly json?: boolean | undefined;
}

/** Does `work` on the operator's database and shows the result. */
export function performWithSession<View>(
  options: CommandOptions,
  { route, purpose = 'use' }: { readonly route: string; readonly purpose?: SessionOptions['purpose'] },
  work: (session: Session, signal: AbortSignal) => Promise<View>,
  presentation: Presentation<View>,
): Promise<void> {
  const run = ({ env, signal, onProgress }: Surroundings) =>
    withSession({ env, route, purpose, signal, onProgress }, (session) => work(session, signal));
  return perform(options, run, presentation);
}

export type Surroundings = Pick<SessionOptions, 'env' | 'signal' | 'onProgress'>;

export async function perform<View>(
  options: CommandOptions,
  work: (surroundings: Surroundings) => Promise<View>,
  presentation: Presentation<View>,
): Promise<void> {
  const view = await interruptible((signal) => work({ env: processEnvironment(), signal, onProgress: say }));
  await show(view, options, presentation);
}

/** A first signal lets the command close what it opened; a second one kills it, as by default. */
async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    unlisten();
    controller.abort(new Interruption(`interrupted by ${name}`));
  };
  const unlisten = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    unlisten();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Safe on a terminal, whoever chose the names in it. */
function formatDocument(document: object): string {
  const lines = JSON.stringify(document, null, 2).split('\n').map(escapeInvisible);
  return `${lines.join('\n')}\n`;
}

async function show<View>(view: View, { json }: CommandOptions, presentation: Presentation<View>): Promise<void> {
  const text = json === true ? formatDocument(presentation.json(view)) : presentation.text(view);
  try {
    await print(text);
  } catch (error) {
    const rescue = presentation.rescue?.(view);
    if (rescue === undefined && isClosedPipe(error)) return;
    complain(`the output could not be written. ${rescue ?? ''}`.trimEnd());
    endWith('failure');
    return;
  }
  for (const line of presentation.notes?.(view) ?? []) say(line);
  if (presentation.ending !== undefined) endWith(presentation.ending(view));
}
