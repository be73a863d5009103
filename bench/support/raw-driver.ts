import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ConnectionTarget, connect } from '../../src/db/connection.ts';
import { isOnPath } from './machine.ts';
import { scratchDirectory } from './scratch.ts';

/** Runs one statement, which ends with a `from`, over and over: what the database does without a service in front of it. */
export interface RawDriver {
  readonly name: 'pgbench' | 'postgres.js';
  /** Transactions per second of `clients` connections, each in a loop. */
  measure(target: ConnectionTarget, clients: number, seconds: number): Promise<number>;
}

/** pgbench where it is installed, which costs the machine least; else a loop on the service's own driver. */
export async function createRawDriver(statement: string): Promise<RawDriver> {
  if (!isOnPath('pgbench')) return { name: 'postgres.js', measure: loopOver(statement) };
  const script = join(scratchDirectory(), 'statement.sql');
  await writeFile(script, `${statement.replaceAll('\n', ' ')};\n`);
  return {
    name: 'pgbench',
    measure: (target, clients, seconds) => runPgbench(script, target, clients, seconds),
  };
}

async function runPgbench(
  script: string,
  { host, port, user, password, database }: ConnectionTarget,
  clients: number,
  seconds: number,
): Promise<number> {
  const load = ['--no-vacuum', '--protocol=prepared', `--client=${clients}`, '--jobs=1', `--time=${seconds}`];
  const where = [`--file=${script}`, `--host=${host}`, `--port=${port}`, `--username=${user}`, database];
  const { stdout } = await promisify(execFile)('pgbench', [...load, ...where], {
    env: { PATH: process.env.PATH, PGPASSWORD: password },
  });
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (!(perSecond > 0)) throw new Error(`pgbench told no result:\n${stdout}`);
  return perSecond;
}

function loopOver(statement: string): RawDriver['measure'] {
  return async (target, clients, seconds) => {
    const sql = connect(target, { max: clients });
    // Without parameters the driver would send the text each time, to be planned anew: one that says nothing keeps it prepared.
    const execute = () => sql.unsafe(`${statement} where $1::int = 1`, [1], { prepare: true });
    try {
      await Promise.all(Array.from({ length: clients }, execute));
      const end = performance.now() + seconds * 1000;
      let done = 0;
      const loop = async () => {
        while (performance.now() < end) {
          await execute();
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: clients }, loop));
      return done / seconds;
    } finally {
      await sql.end();
    }
  };
}
