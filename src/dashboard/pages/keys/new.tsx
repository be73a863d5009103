import type { ApiKeyWithSecret } from '../../../keys/api-key.ts';
import { createApiKey } from '../../../keys/create.ts';
import { resolveExpiry } from '../../../tokens/lifetime.ts';
import { createApiKeyBody } from '../../../web/key-fields.ts';
import { type Draft, type Form, freshDraft, parseFields } from '../../kernel/form.ts';
import { ONCE_FIELD, onceKey, performOnce } from '../../kernel/once.ts';
import type { Pages } from '../../kernel/pages.ts';
import { type Outcome, seeOther, showOnce } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Card } from '../../parts/facts.tsx';
import { TextArea, TextField } from '../../parts/field.tsx';
import { PageForm } from '../../parts/form.tsx';
import { expiryIn } from '../tokens/issue-fields.ts';
import { ExpiryFields } from '../tokens/issue-form.tsx';
import { keyPath } from './key-path.ts';
import { secretView } from './secret.tsx';

/** Makes an API key, whose value is shown once. */
export function mountNewKey(pages: Pages): void {
  pages.form('/keys/new', 'createApiKey', {
    show: (visit, draft) => ({
      title: 'Create API key',
      section: 'keys',
      crumbs: [{ title: 'API keys', href: visit.at('/keys') }],
      body: (
        <NewKeyForm
          visit={visit}
          draft={draft.form.has(ONCE_FIELD) ? draft : freshDraft({ expiry: 'never', [ONCE_FIELD]: onceKey(visit) })}
        />
      ),
    }),
    submit,
  });
}

function NewKeyForm({ visit, draft }: { visit: Visit; draft: Draft }) {
  return (
    <div class="issue stack">
      <p>
        It will be for the <strong>{visit.environment}</strong> environment alone. Whoever has it can issue and revoke
        any token there
        {visit.environment === 'live' && ', and change the scopes, roles, projects and settings of the workspace'}. It
        opens no members, no other API keys, and no token of the other environment.
      </p>
      <PageForm csrf={visit.csrf} draft={draft} submit="Create API key" cancel={visit.at('/keys')}>
        <input type="hidden" name={ONCE_FIELD} value={draft.form.text(ONCE_FIELD)} />
        <Card title="What it is">
          <TextField
            name="name"
            label="Name"
            draft={draft}
            maxlength={128}
            placeholder="billing backend"
            hint="The service that will use it. You find it again by this."
            required
          />
        </Card>
        <Card title="What bounds it">
          <ExpiryFields draft={draft} now={visit.now} />
          <TextArea
            name="allowed_cidrs"
            label="Allowed addresses"
            draft={draft}
            placeholder={'192.0.2.0/24\n2001:db8::/32'}
            hint="Where it may be used from: IP addresses or CIDR blocks, one per line. Anywhere if empty."
            mono
            optional
          />
        </Card>
      </PageForm>
    </div>
  );
}

async function submit(visit: Visit, form: Form): Promise<Outcome> {
  const { services, caller } = visit;
  const outcome = await performOnce<ApiKeyWithSecret>(visit, form, {
    perform: (once) => createApiKey(services, caller, newKeyIn(visit, form), once),
    pathOf: ({ apiKey }) => keyPath(visit, apiKey),
  });
  if ('madeBefore' in outcome) return seeOther(outcome.madeBefore, MADE_BEFORE);
  return showOnce(secretView(visit, outcome.made, { title: 'API key created', effective: undefined }));
}

function newKeyIn({ environment, services }: Visit, form: Form): Parameters<typeof createApiKey>[2] {
  const cidrs = form
    .text('allowed_cidrs')
    .split(/[\s,]+/)
    .filter((cidr) => cidr !== '');
  const { name, expires_at, expires_in, allowed_cidrs } = parseFields(createApiKeyBody, {
    name: form.text('name'),
    environment,
    ...expiryIn(form),
    allowed_cidrs: cidrs.length === 0 ? null : cidrs,
  });
  const expiry = {
    ...(expires_at !== undefined && { expiresAt: expires_at }),
    ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
  };
  const expiresAt = resolveExpiry(expiry, services.clock.now());
  return { name, environment, expiresAt, allowedCidrs: allowed_cidrs };
}

const MADE_BEFORE =
  'The form was sent before, and nothing was created again. This is the key that it made, whose value was shown then. If nobody has stored it, regenerate the key for a new one.';
