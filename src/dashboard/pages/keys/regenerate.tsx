import { readApiKeyReliance } from '../../../introspection/usage/reliance.ts';
import { type ApiKeyWithSecret, statusOf } from '../../../keys/api-key.ts';
import { type RegeneratedApiKey, regenerateApiKey } from '../../../keys/regenerate.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TickField } from '../../parts/choice-field.tsx';
import { requireConfirmed } from '../../parts/confirmed.ts';
import { PageForm } from '../../parts/form.tsx';
import { belowKey, keyOf, keyPath } from './key-path.ts';
import { KeyReliance } from './reliance.tsx';
import { secretView } from './secret.tsx';

/** Gives a key a new value, after saying what the end of the old one will break. */
export function mountRegenerateKey(pages: Pages): void {
  pages.form('/keys/:id/regenerate', 'regenerateApiKey', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const apiKey = await keyOf(visit);
  const page = { ...belowKey(visit, apiKey), title: 'Regenerate API key' };
  if (statusOf(apiKey, visit.now) === 'expired') return { ...page, body: <Expired visit={visit} /> };
  const reliance = await readApiKeyReliance(visit.services, visit.caller, apiKey.id);
  return {
    ...page,
    body: (
      <div class="stack">
        <p class="narrow-wide">
          It keeps its name, its id and its limits, and gets a new value, which is shown once. The old value ends in the
          same moment, everywhere: whatever still uses it is refused until it has the new one.
        </p>
        <KeyReliance visit={visit} reliance={reliance} />
        <div class="narrow">
          <PageForm csrf={visit.csrf} draft={draft} submit="Regenerate API key" danger cancel={keyPath(visit, apiKey)}>
            <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD) || onceKey(visit)} />
            <TickField name="confirm" label="End the old value now." draft={draft} required />
          </PageForm>
        </div>
      </div>
    ),
  };
}

/** A new value would be as dead as the old one. */
function Expired({ visit }: { visit: Visit }) {
  return (
    <div class="stack">
      <p>This API key has expired, and a new value would be refused like the old one.</p>
      <p class="actions">
        <a class="button button-primary" href={visit.at('/keys/new')}>
          Create API key
        </a>
      </p>
    </div>
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller } = visit;
  const { id } = await keyOf(visit);
  requireConfirmed(form);
  // Its wait for the replicas is over once there is an answer; a repeated form gets none, and waits for nothing.
  let regenerated: RegeneratedApiKey | undefined;
  const outcome = await performOnce<ApiKeyWithSecret>(visit, form, {
    async perform(once) {
      regenerated = await regenerateApiKey(services, caller, id, once);
      return regenerated;
    },
    pathOf: ({ apiKey }) => keyPath(visit, apiKey),
  });
  if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, MADE_BEFORE);
  const texts = { title: 'API key regenerated', effective: regenerated?.effective };
  return showOnce(secretView(visit, outcome.made, texts));
}

const MADE_BEFORE =
  'The form was sent before, and the key was not regenerated again. Its new value was shown then. If nobody has stored it, regenerate the key once more.';
