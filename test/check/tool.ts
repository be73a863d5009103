import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Outcome {
  readonly ok: boolean;
  /** What was printed: all of it when the tool failed, only stdout when it succeeded. */
  readonly output: string;
}

const BIN = join(import.meta.dirname, '../../node_modules/.bin');

/** No colours, and nothing that asks, tells or looks something up on the network. */
const QUIET = { NO_COLOR: '1', CI: '1', REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** Runs a development tool of this repository on the files in `cwd`. */
export function runTool(cwd: string, name: string, ...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const tool = spawn(join(BIN, name), args, {
      cwd,
      env: { ...process.env, ...QUIET },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let everything = '';
    tool.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      everything += text;
    });
    tool.stderr.setEncoding('utf8').on('data', (text: string) => {
      everything += text;
    });
    tool.on('error', reject);
    tool.on('close', (code) => resolve(code === 0 ? { ok: true, output: stdout } : { ok: false, output: everything }));
  });
}
