import { maskCredentials } from '../../lib/masking.ts';
import { checkId, cleanJson, cleanText, cutText, type JsonValue } from './clean.ts';
import type { Change, NewEvent } from './event.ts';

/** What may be known of one subject; of a target also what somebody typed about it. */
export interface PersonalPayload {
  readonly name?: string;
  readonly note?: string;
  readonly changes?: readonly { readonly field: string; readonly old: JsonValue; readonly new: JsonValue }[];
  readonly ip?: string;
  readonly user_agent?: string;
}

export const MAX_USER_AGENT_LENGTH = 512;

export interface PersonalPart {
  readonly slot: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly payload: PersonalPayload;
}

/** The personal data of an event, by the subject that it belongs to; subjects of whom nothing is known are left out. */
export function personalParts(event: NewEvent): PersonalPart[] {
  const { actor, targets } = event;
  const typed = typedText(event);
  const parts = [
    {
      slot: 'actor',
      subjectType: actor.type,
      subjectId: actor.id ?? actor.type,
      payload: { ...nameOf(actor.name), ...(targets.length === 0 && typed) },
    },
    ...targets.map((target, n) => ({
      slot: `target/${n}`,
      subjectType: target.type,
      subjectId: target.id,
      payload: { ...nameOf(target.name), ...(n === 0 && typed) },
    })),
    sourcePart(event),
    ...addressParts(event),
  ];
  return parts.filter(({ payload }) => Object.keys(payload).length > 0);
}

function nameOf(name: string | null): PersonalPayload {
  return name === null ? {} : { name: cleanText(name) };
}

/** The free text and the personal changes, which belong to the first target, or to the actor if there is none. */
function typedText({ note, changes = [] }: NewEvent): PersonalPayload {
  const personal = changes.filter((change) => change.isPersonal === true).map(valuesOf);
  return { ...(note !== undefined && { note: cleanText(note) }), ...(personal.length > 0 && { changes: personal }) };
}

function sourcePart({ request, source }: NewEvent): PersonalPart {
  const ip = source ?? request?.ip ?? null;
  const userAgent = request?.userAgent ?? null;
  return {
    slot: 'source',
    subjectType: 'source',
    subjectId: ip === null ? 'unknown' : checkId(ip),
    payload: {
      ...(ip !== null && { ip }),
      ...(userAgent !== null && { user_agent: cutText(maskCredentials(userAgent), MAX_USER_AGENT_LENGTH) }),
    },
  };
}

function addressParts({ introspections }: NewEvent): PersonalPart[] {
  return (introspections?.addresses ?? []).map((ip, n) => ({
    slot: `address/${n}`,
    subjectType: 'source',
    subjectId: checkId(ip),
    payload: { ip },
  }));
}

/** The values of a change, which may be anything that a field can hold. */
export function valuesOf({ field, old: before, new: after }: Change) {
  return { field: cleanText(field), old: cleanJson(before), new: cleanJson(after) };
}
