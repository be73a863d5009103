import type { Effective } from '../../../coherence/fence.ts';
import type { ApiKeyWithSecret } from '../../../keys/api-key.ts';
import { shellQuote } from '../../../web/shell-quote.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable, SecretOnce } from '../../parts/copyable.tsx';
import { effectiveOn } from '../../parts/effective.ts';
import { Card } from '../../parts/facts.tsx';
import { Icon } from '../../parts/icon.tsx';
import { introspectCommand } from '../../parts/introspect-command.ts';
import { belowKey, keyPath } from './key-path.ts';

interface SecretTexts {
  readonly title: string;
  /** Where the end of the value before has taken effect, if there was one. */
  readonly effective: Effective | undefined;
}

/** The value of an API key, on the only page that ever shows it. */
export function secretView(
  visit: Visit,
  { apiKey, secret }: ApiKeyWithSecret,
  { title, effective }: SecretTexts,
): View {
  const page = keyPath(visit, apiKey);
  return {
    ...belowKey(visit, apiKey),
    title,
    body: (
      <div class="issued stack">
        {effective !== undefined && (
          <div class="alert alert-good" role="status">
            <Icon name="check" />
            <span>The value from before is dead, {effectiveOn(effective)}.</span>
          </div>
        )}
        <SecretOnce label={`the API key ${apiKey.name}`} secret={secret} page={page} />
        <p class="actions">
          <a class="button button-primary" href={page}>
            I have stored it
          </a>
        </p>
        <Card
          title="Try it"
          note="The first line has the key in it: where others use the same machine, clear it from the history of your shell."
        >
          <p>Set it where your service runs, or in this shell:</p>
          <Copyable label="the line that sets it" text={`export TOOKEN_API_KEY=${shellQuote(secret)}`} block />
          <p>Then ask whether a token is good:</p>
          <Copyable label="the command that asks" text={introspectCommand(visit.services.config.publicUrl)} block />
        </Card>
      </div>
    ),
  };
}
