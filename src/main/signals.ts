/** The signals that ask the process to stop. */
export interface Signals {
  readonly first: Promise<NodeJS.Signals>;
  /** Whoever sends another one does not want to wait any longer. */
  readonly second: Promise<NodeJS.Signals>;
  hasCome(): boolean;
}

/** SIGHUP is a terminal that was closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A signal that follows so soon is the same one: a terminal sends Ctrl-C to us and to npm, which passes it on to us. */
const ECHO_MS = 500;

export function watchSignals(): Signals {
  const awaited: ((signal: NodeJS.Signals) => void)[] = [];
  const next = () => new Promise<NodeJS.Signals>((resolve) => awaited.push(resolve));
  const signals = { first: next(), second: next(), hasCome: () => awaited.length < 2 };
  let isEcho = false;
  const receive = (signal: NodeJS.Signals) => {
    if (isEcho) return;
    isEcho = true;
    setTimeout(() => {
      isEcho = false;
    }, ECHO_MS).unref();
    awaited.shift()?.(signal);
  };
  for (const name of STOP_SIGNALS) process.on(name, receive);
  return signals;
}
