import { describe, expect, test } from 'vitest';
import { withFixture } from './fixture.ts';
import { STEPS } from './steps.ts';
import type { Outcome } from './tool.ts';

// The checks guard every change, so each must be seen to fail: what follows plants one violation at a time.

type Files = Readonly<Record<string, string>>;

function check(name: string, files: Files): Promise<Outcome> {
  const step = STEPS.find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return withFixture(files, step.run);
}

describe('a blameless repository passes', () => {
  const blameless: Files = {
    'src/main.ts': "import { systemClock } from './lib/clock.ts';\n\nconsole.log(systemClock.now());\n",
    'src/lib/clock.ts': 'export const systemClock = { now: () => new Date() };\n',
  };
  test.each(['types', 'dependencies', 'lint', 'format'])('%s', async (name) => {
    expect(await check(name, blameless)).toMatchObject({ ok: true });
  });
});

describe('types', () => {
  test('an unchecked index is refused', async () => {
    const outcome = await check('types', { 'src/main.ts': 'export const first = (xs: string[]): string => xs[0];\n' });
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('src/main.ts(1,') });
  });
});

describe('types of what runs in browsers', () => {
  const main = { 'src/main.ts': 'export const name = 1;\n' };
  const inBrowser = (source: string) => ({ ...main, 'src/dashboard/browser/main.ts': source });

  test('a script may use the page', async () => {
    expect(await check('types', inBrowser("document.title = 'here';\n"))).toMatchObject({ ok: true });
  });

  test.each([
    ['Node', 'src/dashboard/browser/main.ts(1,', inBrowser("process.on('exit', () => {});\n")],
    ['the page elsewhere', 'src/main.ts(1,', { 'src/main.ts': "document.title = 'nowhere';\n" }],
  ])('%s is refused', async (_, place, files) => {
    expect(await check('types', files)).toMatchObject({ ok: false, output: expect.stringContaining(place) });
  });
});

describe('format', () => {
  test('other indentation is refused', async () => {
    const outcome = await check('format', { 'src/main.ts': 'export function f() {\n    return 1;\n}\n' });
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('src/main.ts format') });
  });
});

describe('lint', () => {
  const violations: Files = {
    'src/tokens/now.ts': 'export const at = Date.now();\n',
    'src/tokens/date.ts': 'export const at = new Date();\n',
    'src/tokens/performance.ts': 'export const at = performance.now();\n',
    'src/tokens/math.ts': 'export const draw = Math.random();\n',
    'src/tokens/bytes.ts': "import * as crypto from 'node:crypto';\nexport const draw = crypto.randomBytes(8);\n",
    'src/tokens/import.ts': "import { randomUUID } from 'node:crypto';\nexport const draw = randomUUID;\n",
    'src/tokens/web.ts': 'export const draw = crypto.getRandomValues(new Uint8Array(8));\n',
    'src/tokens/environment.ts': 'export const port = process.env.PORT;\n',
    'src/tokens/floating.ts':
      'async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n',
    'src/tokens/misused.ts': 'async function work(): Promise<void> {}\nexport const is = work() ? 1 : 0;\n',
    'src/tokens/switch.ts':
      "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
    'src/tokens/loose.ts': 'export const loose: any = 1;\n',
    'src/tokens/assured.ts': 'export const first = (xs: string[]) => xs[0]!;\n',
    'src/tokens/enumerated.ts': 'export enum Kind {\n  Live,\n}\n',
    'src/tokens/default.ts': 'export default 1;\n',
    'src/tokens/console.ts': "console.log('token');\n",
    'src/tokens/unused.ts': "import { join } from 'node:path';\nexport const used = 1;\n",
    'src/tokens/extension.ts': "export { used } from './unused';\n",
    'src/tokens/camelCase.ts': 'export const a = 1;\n',
  };
  const permitted: Files = {
    'src/lib/clock.ts': 'export const now = () => [Date.now(), new Date(), performance.now()];\n',
    'src/lib/random.ts': "import { randomBytes } from 'node:crypto';\nexport const draw = () => randomBytes(8);\n",
    'src/config/environment.ts': 'export const port = process.env.PORT;\n',
    'src/cli/main.ts': "console.log('token');\n",
    'src/tokens/date-of.ts': 'export const dateOf = (ms: number) => new Date(ms);\n',
  };

  test('every planted violation is refused, and what is permitted where it is permitted is not', async () => {
    const { output } = await check('lint', { ...violations, ...permitted });
    const refused = Object.keys({ ...violations, ...permitted }).filter((path) => output.includes(path));
    expect(refused).toEqual(Object.keys(violations));
  });
});

describe('dead code', () => {
  test('an export that nothing imports is refused', async () => {
    const { ok, output } = await check('dead-code', {
      'src/main.ts': "import { used } from './lib/used.ts';\n\nconsole.log(used);\n",
      'src/lib/used.ts': 'export const used = 1;\nexport const stray = 2;\n',
    });
    expect(ok).toBe(false);
    expect(output).toMatch(/^stray .*src\/lib\/used\.ts/m);
  });
});

describe('openapi', () => {
  const print = (yaml: string) => `process.stdout.write(${JSON.stringify(yaml)});\n`;
  const valid =
    'openapi: 3.1.0\ninfo: { title: T, version: "1", license: { name: A, url: "https://a.test" } }\nservers: [{ url: "https://a.test" }]\nsecurity: []\npaths: {}\n';

  test('a document that the routes do not print is refused', async () => {
    const outcome = await check('openapi', {
      'openapi.yaml': valid,
      'src/http/openapi/print.ts': print(`${valid}# more\n`),
    });
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('differs') });
  });

  test('a document that is no OpenAPI is refused', async () => {
    const invalid = valid.replace('paths: {}', 'paths: []');
    const outcome = await check('openapi', { 'openapi.yaml': invalid, 'src/http/openapi/print.ts': print(invalid) });
    expect(outcome).toMatchObject({ ok: false, output: expect.stringContaining('Expected type `Paths`') });
  });

  test('a valid one that the routes print passes', async () => {
    const outcome = await check('openapi', { 'openapi.yaml': valid, 'src/http/openapi/print.ts': print(valid) });
    expect(outcome).toMatchObject({ ok: true });
  });
});

describe('migrations', () => {
  test('a column without its migration is refused', async () => {
    const { ok, output } = await check('migrations', {
      'drizzle/meta/_journal.json': '{ "version": "7", "dialect": "postgresql", "entries": [] }',
      'src/db/schema/tokens.ts':
        "import { pgTable, uuid } from 'drizzle-orm/pg-core';\n\nexport const tokens = pgTable('tokens', { id: uuid() });\n",
    });
    expect(ok).toBe(false);
    expect(output).toContain('CREATE TABLE "tokens"');
  });
});
