import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The process id of the embedded PostgreSQL in `dataDir`, wherever under that the cluster lies. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const files = await readdir(dataDir, { recursive: true });
  const file = files.find((name) => name.endsWith('postmaster.pid'));
  if (file === undefined) throw new Error('no postmaster.pid');
  // The first line of it.
  return Number((await readFile(join(dataDir, file), 'utf8')).split('\n', 1)[0]);
}
