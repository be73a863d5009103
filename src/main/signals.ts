/** What the operator asks of the process by signals. */
export interface Signals {
  /** To stop. */
  readonly first: Promise<NodeJS.Signals>;
  /** Not to wait any longer. */
  readonly second: Promise<NodeJS.Signals>;
  /** Whether to stop has been asked for. */
  hasCome(): boolean;
  /** `replace` is called when new workers are asked for; before there was one nothing happens. */
  onReplace(replace: () => void): void;
}

/** SIGHUP is a terminal that was closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const REPLACE_SIGNAL = 'SIGUSR2';
/** A signal that follows so soon is the same one: a terminal sends Ctrl-C to us and to npm, which passes it on to us. */
const ECHO_MS = 500;

export function watchSignals(): Signals {
  const awaited: ((signal: NodeJS.Signals) => void)[] = [];
  const next = () => new Promise<NodeJS.Signals>((resolve) => awaited.push(resolve));
  const [first, second] = [next(), next()];
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
  let onReplace = () => {};
  process.on(REPLACE_SIGNAL, () => onReplace());
  return {
    first,
    second,
    hasCome: () => awaited.length < 2,
    onReplace(replace) {
      onReplace = replace;
    },
  };
}

/** From now on none of them ends the process. */
export function ignoreSignals(): void {
  for (const name of [...STOP_SIGNALS, REPLACE_SIGNAL]) process.on(name, () => {});
}
