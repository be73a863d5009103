import type { AuditEvent } from '../../audit/events/event.ts';
import { EVENT_PHRASES } from './event-phrases.ts';
import { actorPhrase } from './event-subjects.ts';
import { codeOf, nameOf, type Phrase, phrase, type SentencePart } from './phrase.ts';
import { thousands } from './times.ts';

/** What happened, as one readable sentence without a full stop: `ci (API key) issued token billing export`. */
export function sentenceOf(event: AuditEvent): Phrase {
  // A newer version of the service that runs beside this one may know more actions.
  const sentence = Object.hasOwn(EVENT_PHRASES, event.action) ? EVENT_PHRASES[event.action] : fallback;
  return phrase`${sentence(event)}${timesOf(event)}`;
}

/** The same, for a page. */
export function EventSentence({ event }: { event: AuditEvent }) {
  return <PhraseText said={sentenceOf(event)} />;
}

/** A phrase, with names apart from its words. */
export function PhraseText({ said }: { said: Phrase }) {
  return (
    <span class="sentence">
      {said.map((part) => (
        <Part {...part} />
      ))}
    </span>
  );
}

/** Names keep their direction of writing to themselves. */
function Part({ as, text }: SentencePart) {
  switch (as) {
    case 'words':
      return <>{text}</>;
    case 'name':
      return <bdi class="said-name">{text}</bdi>;
    case 'code':
      return <code>{text}</code>;
    case 'erased':
      return <em class="said-erased">{text}</em>;
  }
}

function timesOf({ count }: AuditEvent): string {
  return count > 1 ? `, ${thousands(count)} times` : '';
}

function fallback(event: AuditEvent): Phrase {
  const [target] = event.targets;
  const about =
    target === undefined ? [] : phrase` on ${target.name === null ? codeOf(target.id) : nameOf(target.name)}`;
  return phrase`${actorPhrase(event)} did ${codeOf(event.action)}${about}`;
}
