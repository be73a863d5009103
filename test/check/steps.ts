import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Outcome, runTool } from './tool.ts';

export type { Outcome } from './tool.ts';

/** One check of the repository. Long ones come first, so that two workers end at about the same time. */
export interface Step {
  readonly name: string;
  readonly what: string;
  /** Checks the repository at `root`. */
  run(root: string): Promise<Outcome>;
}

export const STEPS: readonly Step[] = [
  { name: 'types', what: 'TypeScript compiles', run: checkTypes },
  { name: 'dead-code', what: 'everything is used', run: (root) => runTool(root, 'knip', '--production') },
  { name: 'openapi', what: 'openapi.yaml is what the routes say, and valid', run: checkOpenapi },
  { name: 'dependencies', what: 'imports point the right way', run: checkDependencies },
  { name: 'migrations', what: 'the migrations make the schema', run: checkMigrations },
  { name: 'lint', what: 'house rules', run: (root) => runTool(root, 'biome', 'lint', '--error-on-warnings') },
  {
    name: 'format',
    what: 'layout and import order',
    run: (root) => runTool(root, 'biome', 'check', '--linter-enabled=false'),
  },
];

/** What runs in browsers has types of its own. */
async function checkTypes(root: string): Promise<Outcome> {
  const outcome = await runTool(root, 'tsc', '--noEmit');
  if (!outcome.ok || !existsSync(join(root, 'src/dashboard/browser'))) return outcome;
  return runTool(root, 'tsc', '--noEmit', '-p', 'tsconfig.browser.json');
}

/** dependency-cruiser approves of a set-up in which it can read nothing at all, hence the look at the count. */
async function checkDependencies(root: string): Promise<Outcome> {
  const outcome = await runTool(root, 'depcruise', 'src');
  const moduleCount = Number(/(\d+) modules/.exec(outcome.output)?.[1] ?? 0);
  if (outcome.ok && moduleCount === 0) return { ok: false, output: `${outcome.output}\nIt read no module.` };
  return outcome;
}

async function checkOpenapi(root: string): Promise<Outcome> {
  if (!existsSync(join(root, 'openapi.yaml'))) return { ok: true, output: '' };
  const printed = await runTool(root, 'tsx', 'src/http/openapi/print.ts');
  if (!printed.ok) return printed;
  if (printed.output !== (await readFile(join(root, 'openapi.yaml'), 'utf8'))) {
    return {
      ok: false,
      output: 'openapi.yaml differs from what the routes say. Write it anew with `npm run openapi`.',
    };
  }
  return runTool(root, 'redocly', 'lint', 'openapi.yaml', '--format=stylish');
}

/** Generates migrations into a copy of drizzle/: a new file there is a change of the schema without its migration. */
async function checkMigrations(root: string): Promise<Outcome> {
  if (!existsSync(join(root, 'drizzle'))) return { ok: true, output: '' };
  const copy = await mkdtemp(join(tmpdir(), 'tooken-drizzle-'));
  try {
    await cp(join(root, 'drizzle'), copy, { recursive: true });
    const before = await readdir(copy);
    const schema = '--schema=./src/db/schema/*.ts';
    const generated = await runTool(
      root,
      'drizzle-kit',
      'generate',
      '--dialect=postgresql',
      schema,
      `--out=${relative(root, copy)}`,
    );
    const added = (await readdir(copy)).filter((file) => !before.includes(file));
    if (generated.ok && added.length === 0) return generated;
    const missing = await Promise.all(added.map((file) => readFile(join(copy, file), 'utf8')));
    return {
      ok: false,
      output: [generated.output, 'The schema has changed without a migration:', ...missing].join('\n'),
    };
  } finally {
    await rm(copy, { recursive: true });
  }
}
