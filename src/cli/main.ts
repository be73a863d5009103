#!/usr/bin/env node
/** The command `tooken`. It ends when all is closed and written; `process.exitCode` says how it went. */
import { CommanderError } from 'commander';
import { readVersion } from '../operator/session.ts';
import { describeError, endingOf } from './exit-codes.ts';
import { complain, endWith, surviveClosedPipes } from './output.ts';
import { createProgram } from './program.ts';

surviveClosedPipes();
try {
  await createProgram(readVersion()).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or printed the help or the version that was asked for.
    endWith(error.exitCode === 0 ? 'ok' : 'usage');
  } else {
    complain(describeError(error));
    endWith(endingOf(error));
  }
}
