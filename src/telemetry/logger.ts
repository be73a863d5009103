import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config/log-levels.ts';
import { LOG_EVENTS, type LogEvent } from './events.ts';
import { REDACTED_FIELDS } from './redaction.ts';

/** Values that may be logged. Errors go in as `err`: only their class, code and stack positions are written. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes entries of the catalogue; there is no way to log a bare sentence. */
export interface Logger {
  log(level: Exclude<LogLevel, 'silent'>, event: LogEvent, fields?: LogFields): void;
  isEnabled(level: LogLevel): boolean;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Readable lines instead of JSON. */
  readonly isPretty: boolean;
  /** Which of the processes of one service this is; part of each line. */
  readonly worker?: number;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

export function createLogger(options: LoggerOptions): Logger {
  const { level, worker } = options;
  const base = { service: 'tooken', ...(worker !== undefined && { worker }) };
  return wrap(pino({ level, base, ...SETTINGS }, destinationOf(options)));
}

function wrap(logger: PinoLogger): Logger {
  return {
    log: (level, event, fields) => logger[level]({ event, ...fields }, LOG_EVENTS[event]),
    isEnabled: (level) => level !== 'silent' && logger.isLevelEnabled(level),
  };
}

/** In a terminal lines are written synchronously, so that they keep their order with what the service prints itself. */
function destinationOf({ isPretty, destination = standardOutput() }: LoggerOptions): DestinationStream {
  return isPretty ? pretty({ sync: true, singleLine: true, ignore: 'pid,hostname,event', destination }) : destination;
}

/** A line that cannot be written, since the terminal was closed or the disk is full, is lost; the service goes on. */
function standardOutput() {
  const output = pino.destination(1);
  output.on('error', () => {});
  return output;
}

const SETTINGS = {
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
  serializers: { err: serializeError },
  redact: { paths: REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
};

/**
 * An error's message may quote its input, SQL parameters or a credential, so it stays out: class, code and where it
 * was thrown are enough to find the place.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: error.constructor.name,
    ...(code !== undefined && { code }),
    at: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}
