import { defineConfig } from 'vitest/config';
import { summaryReporter } from './test/support/summary-reporter.ts';

// Not at the top level: there it would run once more, for a project without tests.
const globalSetup = './test/support/global-setup.ts';

/**
 * `main` is every test that a change must pass; `faults` are the long runs of `npm run test:faults`; `screenshots` makes pictures
 * of the pages.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // What is waited for comes soon, and later where the machine is busy: only what never comes is a failure.
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', summaryReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/screenshots/**'],
          globalSetup,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup,
          fileParallelism: false,
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'screenshots',
          include: ['test/screenshots/**/*.test.ts'],
          globalSetup,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
