import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with the line `N passed, N failed` (and `, N skipped` if any), after everything else that is printed.
 * What fails outside a test counts as failed too: a file that does not load, a hook, an unhandled error, the set-up.
 * A run in which no test ran fails.
 */
export function summaryReporter(): Reporter {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  return {
    onInit() {
      process.once('exit', (exitCode) => {
        const hasFailed = exitCode !== 0 || total.passed + total.failed === 0;
        if (hasFailed) process.exitCode = exitCode === 0 ? 1 : exitCode;
        process.stdout.write(
          `${summaryLine({ ...total, failed: hasFailed ? Math.max(total.failed, 1) : total.failed })}\n`,
        );
      });
    },
    onTestRunEnd(modules, unhandledErrors) {
      Object.assign(total, tally(modules));
      total.failed += unhandledErrors.length;
    },
  };
}

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The last line of every run, of the checks as of the tests. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function tally(modules: readonly TestModule[]): Tally {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed' || state === 'failed' || state === 'skipped') total[state] += 1;
    }
    for (const part of [module, ...module.children.allSuites()]) {
      if (part.errors().length > 0) total.failed += 1;
    }
  }
  return total;
}
