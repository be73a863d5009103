import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Outcome, runTool } from '../check/tool.ts';

const config = `import { summaryReporter } from '${join(import.meta.dirname, 'summary-reporter.ts')}';
export default { test: { reporters: ['default', summaryReporter()], pool: 'threads' } };
`;

async function runTests(files: Readonly<Record<string, string>>): Promise<Outcome> {
  const root = await mkdtemp(join(tmpdir(), 'tooken-reporter-'));
  try {
    await symlink(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
    await writeFile(join(root, 'vitest.config.ts'), config);
    for (const [name, body] of Object.entries(files)) {
      await writeFile(join(root, name), `import { beforeAll, test } from 'vitest';\n${body}\n`);
    }
    return await runTool(root, 'vitest', 'run');
  } finally {
    await rm(root, { recursive: true });
  }
}

const lastLine = ({ output }: Outcome) => output.trimEnd().split('\n').at(-1);

describe('the last line of a run', () => {
  test('counts what passed and what was skipped', async () => {
    const outcome = await runTests({
      'a.test.ts': "test('a', () => {}); test('b', () => {}); test.skip('c', () => {});",
    });
    expect(outcome.ok).toBe(true);
    expect(lastLine(outcome)).toBe('2 passed, 0 failed, 1 skipped');
  });

  test('counts as failed a file that does not load, a hook and an unhandled error, besides tests', async () => {
    const outcome = await runTests({
      'test.test.ts': "test('passes', () => {}); test('fails', () => { throw new Error(); });",
      'load.test.ts': "throw new Error('does not load');",
      'hook.test.ts': "beforeAll(() => { throw new Error('hook'); }); test('never runs', () => {});",
      'unhandled.test.ts': "test('passes', () => { void Promise.reject(new Error('unhandled')); });",
    });
    expect(outcome.ok).toBe(false);
    expect(lastLine(outcome)).toBe('2 passed, 4 failed, 1 skipped');
  });

  test('is a failure when no test ran', async () => {
    const outcome = await runTests({ 'a.test.ts': "test.skip('a', () => {});" });
    expect(outcome.ok).toBe(false);
    expect(lastLine(outcome)).toBe('0 passed, 1 failed, 1 skipped');
  });
});
