import { describe, expect, it } from 'vitest';
import { beginExport } from '../../../src/audit/export/begin.ts';
import { ENCODINGS } from '../../../src/audit/export/export.ts';
import type { ExportedLeaf } from '../../../src/audit/export/pages.ts';
import { EXPORT_FORMATS } from '../../../src/audit/export/scope.ts';
import type { AuditFilters } from '../../../src/audit/queries/filters.ts';
import { createTestDatabase } from '../../support/database.ts';
import { appendAll, newEvent, newKeyId, newWorkspaceId, openTestPool, range } from '../log.ts';
import { exportDeps, exporter } from './world.ts';

const db = openTestPool((await createTestDatabase()).app);
const deps = exportDeps(db);

describe('an export holds one page of a log, however long that is', () => {
  const actor = { type: 'api_key', id: newKeyId(), name: 'CI' } as const;
  const cases = EXPORT_FORMATS.flatMap((format): [string, typeof format, AuditFilters][] => [
    [`${format} of everything`, format, {}],
    [`${format} with filters`, format, { actors: [actor.id] }],
  ]);

  it.each(cases)('%s reads a page when the last one has been taken, and not before', async (_name, format, filters) => {
    const workspaceId = newWorkspaceId();
    await appendAll(db, ...range(1_500).map(() => newEvent(workspaceId, { actor })));
    const request = { workspaceId, environment: null, filters, format };
    const begun = await beginExport(deps, request, exporter);
    const sizes: number[] = [];
    async function* counted(): AsyncGenerator<readonly ExportedLeaf[], void> {
      for await (const page of begun.pages()) {
        sizes.push(page.length);
        yield page;
      }
    }
    let taken = 0;
    for await (const piece of ENCODINGS[format].format({ ...begun, pages: counted })) {
      taken += 1;
      expect(sizes.length).toBeLessThanOrEqual(taken);
      expect(piece.byteLength).toBeLessThan(1_000_000);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(1_500);
  });
});
