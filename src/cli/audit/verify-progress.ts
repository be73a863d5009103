import type { Writable } from 'node:stream';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { printable } from '../text.ts';

export interface ProgressState {
  readonly records: number;
  /** Of `total`, in whatever unit; undefined if there is no telling. */
  readonly done: number;
  readonly total: number | undefined;
  /** Of the log, where there are several. */
  readonly name?: string;
}

export interface ProgressLine {
  show(progress: ProgressState): void;
  /** When it is done. */
  clear(): void;
}

/** On a terminal it is one line that is written over; in a file it is a line now and then, if it takes long. */
const TERMINAL_MS = 250;
const FILE_MS = 10_000;

export function createProgressLine(
  output: Writable & { readonly isTTY?: boolean },
  clock: Clock = systemClock,
): ProgressLine {
  const isTerminal = output.isTTY === true;
  const pauseMs = isTerminal ? TERMINAL_MS : FILE_MS;
  const startMs = clock.monotonicMs();
  let lastMs = startMs;
  let isShown = false;
  return {
    show(progress) {
      const nowMs = clock.monotonicMs();
      if (nowMs - lastMs < pauseMs) return;
      lastMs = nowMs;
      const line = describeProgress(progress, nowMs - startMs);
      output.write(isTerminal ? `\r${line}\x1b[K` : `${line}\n`);
      isShown = true;
    },
    clear() {
      if (isShown && isTerminal) output.write('\r\x1b[K');
    },
  };
}

function describeProgress({ records, done, total, name }: ProgressState, elapsedMs: number): string {
  const rate = Math.round((records * 1000) / elapsedMs);
  const share = total ? `, ${Math.min(100, Math.floor((done * 100) / total))} %` : '';
  return `${name === undefined ? '' : `${printable(name)}: `}verified ${records} records${share}, ${rate} a second`;
}
