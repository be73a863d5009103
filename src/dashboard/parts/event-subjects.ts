import type { AuditEvent, Target } from '../../audit/events/event.ts';
import { codeOf, ERASED, nameOf, type Phrase, phrase } from './phrase.ts';

/** Who did it, at the beginning of a sentence: `ci (API key)`, `Ada`, `Somebody`. */
export function actorPhrase({ actor, request, redacted }: AuditEvent): Phrase {
  switch (actor.type) {
    case 'member':
      return named(actor, redacted);
    case 'api_key':
      return phrase`${named(actor, redacted)} (API key)`;
    case 'token':
      return phrase`${named(actor, redacted)} (token)`;
    case 'system':
      return phrase`${request?.method === 'CLI' ? 'An operator' : 'Tooken'}`;
    case 'anonymous':
      return phrase`Somebody`;
  }
}

/** The first target of the type. */
export function targetPhrase({ targets, redacted }: AuditEvent, type: Target['type']): Phrase {
  const target = targets.find((each) => each.type === type);
  if (target === undefined) return phrase`(not told)`;
  return type === 'scope' ? codeOf(target.id) : named(target, redacted);
}

/** Whether somebody did it to itself. */
export function isOwn({ actor, targets }: AuditEvent): boolean {
  return actor.id !== null && actor.id === targets[0]?.id;
}

function named({ id, name }: { readonly id: string | null; readonly name: string | null }, redacted: boolean): Phrase {
  if (name !== null) return nameOf(name);
  // Where nothing of the event is erased, it never had one.
  return redacted || id === null ? ERASED : codeOf(id);
}
