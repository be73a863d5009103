import { describe, expect, test } from 'vitest';
import { withFixture } from './fixture.ts';
import { STEPS } from './steps.ts';

const dependencies = STEPS.find((step) => step.name === 'dependencies');

const imports = (...specifiers: string[]) => specifiers.map((specifier) => `import '${specifier}';\n`).join('');

/** One edge a file; each must be refused by the rule of that name. */
const VIOLATIONS: readonly [rule: string, path: string, content: string][] = [
  ['db-direction', 'src/db/upward.ts', imports('../http/leaf.ts')],
  ['lib-direction', 'src/lib/upward.ts', imports('../db/leaf.ts')],
  ['http-direction', 'src/http/sideways.ts', imports('../dashboard/leaf.ts')],
  ['dashboard-direction', 'src/dashboard/sideways.ts', imports('../http/leaf.ts')],
  ['web-direction', 'src/web/upward.ts', imports('../http/leaf.ts')],
  ['rights-direction', 'src/rights/upward.ts', imports('../web/leaf.ts')],
  ['operator-direction', 'src/operator/sideways.ts', imports('../http/leaf.ts')],
  ['tokens-direction', 'src/tokens/sideways.ts', imports('../keys/leaf.ts')],
  ['keys-direction', 'src/keys/sideways.ts', imports('../tokens/leaf.ts')],
  ['context-direction', 'src/context.ts', imports('./app.ts')],
  [
    'lib-direction',
    'src/lib/typed.ts',
    "import type { leaf } from '../db/leaf.ts';\nexport type Leaf = typeof leaf;\n",
  ],
  ['client-direction', 'src/client/call.ts', imports('../config/leaf.ts')],
  ['cli-direction', 'src/cli/command.ts', imports('../tokens/leaf.ts')],
  ['cli-starts-main-on-demand', 'src/cli/serve.ts', imports('../main.ts')],
  ['audit-core-direction', 'src/audit/core/append.ts', imports('../leaf.ts')],
  ['audit-core-runs-anywhere', 'src/audit/core/hash.ts', imports('node:crypto')],
  ['audit-core-runs-anywhere', 'src/audit/core/far.ts', imports('../../lib/near.ts')],
  ['dashboard-browser-direction', 'src/dashboard/browser/server.ts', imports('../leaf.ts')],
  ['dashboard-browser-direction', 'src/dashboard/browser/core.ts', imports('../../tokens/leaf.ts')],
  ['dashboard-browser-runs-anywhere', 'src/dashboard/browser/hash.ts', imports('node:crypto')],
  ['dashboard-browser-runs-anywhere', 'src/dashboard/browser/far.ts', imports('../../lib/near.ts')],
  ['browser-packages', 'src/dashboard/browser/hono.ts', imports('hono')],
  ['browser-packages', 'src/dashboard/browser/addresses.ts', imports('../../lib/packaged.ts')],
  ['browser-only-in-browsers', 'src/dashboard/page.ts', imports('./browser/leaf.ts')],
  ['noble-hashes-only-where-it-belongs', 'src/audit/noble.ts', imports('@noble/hashes/sha2.js')],
  ['hono-only-where-it-belongs', 'src/tokens/hono.ts', imports('hono')],
  ['hono-only-where-it-belongs', 'src/tokens/openapi.ts', imports('@hono/zod-openapi')],
  ['hono-node-server-only-where-it-belongs', 'src/http/listen.ts', imports('@hono/node-server')],
  ['drizzle-orm-only-where-it-belongs', 'src/tokens/rotate.ts', imports('drizzle-orm')],
  ['postgres-only-where-it-belongs', 'src/tokens/issue.ts', imports('postgres')],
  ['node-rs-argon2-only-where-it-belongs', 'src/keys/argon.ts', imports('@node-rs/argon2')],
  ['pino-only-where-it-belongs', 'src/http/log.ts', imports('pino')],
  ['known-folders', 'src/novelty/thing.ts', imports('../lib/leaf.ts')],
  ['db-direction', 'src/db/novel.ts', imports('../novelty/thing.ts')],
  ['lib-direction', 'src/lib/tested.ts', imports('../../test/helper.ts')],
  ['no-cycles', 'src/config/here.ts', imports('./there.ts')],
  ['no-orphans', 'src/lib/orphan.ts', 'export const orphan = 1;\n'],
  ['resolvable', 'src/lib/lost.ts', imports('./nowhere.ts')],
  ['no-development-packages', 'src/lib/developed.ts', imports('fast-check')],
];

const PERMITTED: readonly [path: string, content: string][] = [
  ['src/tokens/store.ts', imports('drizzle-orm', 'postgres', '../db/leaf.ts')],
  ['src/audit/leaf-store.ts', imports('drizzle-orm', '../lib/near.ts')],
  ['src/http/route.ts', imports('@hono/zod-openapi', '../tokens/leaf.ts', '../lib/leaf.ts')],
  ['src/dashboard/route.ts', imports('hono', '../web/leaf.ts', '../rights/leaf.ts', '../tokens/leaf.ts')],
  ['src/dashboard/browser/main.ts', imports('./leaf.ts', '../../audit/core/leaf.ts', '@noble/hashes/sha2.js')],
  ['src/dashboard/browser/alone.ts', 'export const alone = 1;\n'],
  ['src/main.ts', imports('@hono/node-server', './app.ts', './context.ts', './operator/leaf.ts')],
  ['src/app.ts', imports('hono', './http/leaf.ts', './dashboard/leaf.ts')],
  ['src/cli/main.ts', `${imports('../client/call.ts', '../operator/leaf.ts')}void import('../main.ts');\n`],
];

const LEAVES = [
  'audit',
  'audit/core',
  'config',
  'dashboard',
  'dashboard/browser',
  'db',
  'http',
  'keys',
  'lib',
  'operator',
  'rights',
  'tokens',
  'web',
];

describe('import direction', () => {
  test('every planted violation is refused by its rule, nothing else is, and more than 0 modules were read', async () => {
    const files = {
      ...Object.fromEntries(LEAVES.map((folder) => [`src/${folder}/leaf.ts`, 'export const leaf = 1;\n'])),
      ...Object.fromEntries(VIOLATIONS.map(([, path, content]) => [path, content])),
      ...Object.fromEntries(PERMITTED),
      'src/lib/near.ts': imports('node:crypto'),
      'src/lib/packaged.ts': imports('ipaddr.js'),
      'src/config/there.ts': imports('./here.ts'),
      'test/helper.ts': 'export const helper = 1;\n',
    };
    const outcome = await withFixture(files, async (root) => dependencies?.run(root));

    const found = outcome?.output.matchAll(/error ([a-z0-9-]+): (\S+)/g) ?? [];
    const refused = new Set(Array.from(found, ([, rule, path]) => `${rule}: ${path}`));
    expect([...refused].toSorted()).toEqual(VIOLATIONS.map(([rule, path]) => `${rule}: ${path}`).toSorted());
    expect(Number(/(\d+) modules/.exec(outcome?.output ?? '')?.[1])).toBeGreaterThan(VIOLATIONS.length);
    expect(outcome?.ok).toBe(false);
  });

  test('a run that reads no module is no success', async () => {
    const outcome = await withFixture({ 'src/readme.md': 'Nothing here.\n' }, async (root) => dependencies?.run(root));
    expect(outcome).toMatchObject({ ok: false });
  });
});
