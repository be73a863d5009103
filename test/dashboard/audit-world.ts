import type { NewEvent } from '../../src/audit/events/event.ts';
import { appendAll, newEvent } from '../audit/log.ts';
import { createDashboardWorld } from './world.ts';

export const HOSTILE_NAMES = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title=1</script>',
  '\u202egnp.exe',
  'x'.repeat(128),
] as const;

export const ci = { type: 'api_key', id: 'key_01kav3c4r8e0jbwn7sgm5zkqd2', name: 'ci' } as const;
export const somebody = { type: 'anonymous', id: null, name: null } as const;

/** A dashboard, and a way to let things happen in its workspace. */
export async function createAuditWorld(...given: Parameters<typeof createDashboardWorld>) {
  const world = await createDashboardWorld(...given);
  const { db } = world.service.context;

  /** Writes an event of an API key called `ci`; everything may be replaced. */
  const happen = (...events: Partial<NewEvent>[]) =>
    appendAll(db, ...events.map((parts) => newEvent(world.workspace.id, { actor: ci, ...parts })));

  /** An event that a token of this name was issued. */
  const issued = (name: string, parts: Partial<NewEvent> = {}): Partial<NewEvent> => ({
    targets: [{ type: 'token', id: 'tkn_01kav3c4r8e0jbwn7sgm5zkqd2', name }],
    ...parts,
  });
  return { ...world, happen, issued };
}
