import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Everything that tells the checks what to do; the fixture adds what they do it to. */
const CONFIGURATION = [
  '.dependency-cruiser.js',
  '.gitignore',
  'biome.json',
  'knip.json',
  'package.json',
  'redocly.yaml',
  'tsconfig.browser.json',
  'tsconfig.json',
  'test/check/clock-and-random.grit',
];

/** Runs `use` on a throwaway repository with this one's configuration and `files`, by path. */
export async function withFixture<Result>(
  files: Readonly<Record<string, string>>,
  use: (root: string) => Promise<Result>,
): Promise<Result> {
  const root = await mkdtemp(join(tmpdir(), 'tooken-fixture-'));
  try {
    for (const path of CONFIGURATION) await cp(join(ROOT, path), join(root, path));
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    return await use(root);
  } finally {
    await rm(root, { recursive: true });
  }
}
