import { type ApiKeyReliance, readApiKeyReliance } from '../../../introspection/usage/reliance.ts';
import { type DeletedApiKey, deleteApiKey } from '../../../keys/delete.ts';
import type { Draft, Form } from '../../kernel/form.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, type View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { TickField } from '../../parts/choice-field.tsx';
import { requireConfirmed } from '../../parts/confirmed.ts';
import { effectiveOn } from '../../parts/effective.ts';
import { PageForm } from '../../parts/form.tsx';
import { counted } from '../../parts/times.ts';
import { belowKey, keyOf, keyPath } from './key-path.ts';
import { KeyReliance } from './reliance.tsx';

/** Ends a key for good, after saying what that will break. */
export function mountDeleteKey(pages: Pages): void {
  pages.form('/keys/:id/delete', 'deleteApiKey', { show, submit });
}

async function show(visit: Visit, draft: Draft): Promise<View> {
  const apiKey = await keyOf(visit);
  const reliance = await readApiKeyReliance(visit.services, visit.caller, apiKey.id);
  return {
    ...belowKey(visit, apiKey),
    title: 'Delete API key',
    body: (
      <div class="stack">
        <p class="narrow-wide">
          From the moment this has answered, whatever uses the key is refused everywhere. Nobody can undo it. If a
          service is to go on with a new value, regenerate the key instead.
        </p>
        <KeyReliance visit={visit} reliance={reliance} />
        <Issued visit={visit} id={apiKey.id} issued={reliance.issuedTokens} />
        <div class="narrow">
          <PageForm csrf={visit.csrf} draft={draft} submit="Delete API key" danger cancel={keyPath(visit, apiKey)}>
            <TickField name="confirm" label="End this API key for good." draft={draft} required />
          </PageForm>
        </div>
      </div>
    ),
  };
}

function Issued({ visit, id, issued }: { visit: Visit; id: string; issued: ApiKeyReliance['issuedTokens'] }) {
  if (issued.count === 0) return null;
  const many = `${issued.isMore ? 'more than ' : ''}${counted(issued.count, 'token')}`;
  return (
    <p>
      <a href={visit.at(`/tokens?created_by=${id}`)}>{many}</a> that it has issued and that can be used{' '}
      {issued.count === 1 ? 'lives' : 'live'} on without it. If the key has leaked, look through them and revoke those
      that are not yours.
    </p>
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { id } = await keyOf(visit);
  requireConfirmed(form);
  return seeOther(visit.at('/keys'), noticeOf(await deleteApiKey(visit.services, visit.caller, id)));
}

function noticeOf({ apiKey, liveTokenCount, effective }: DeletedApiKey): string {
  const tokens =
    liveTokenCount === null || liveTokenCount === 0
      ? ''
      : ` ${counted(liveTokenCount, 'token')} that it had issued ${liveTokenCount === 1 ? 'lives' : 'live'} on.`;
  return `API key “${apiKey.name}” is deleted, ${effectiveOn(effective)}.${tokens}`;
}
