import type { TokenWithSecret } from '../../../tokens/issue.ts';
import { shellQuote } from '../../../web/shell-quote.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Copyable, SecretOnce } from '../../parts/copyable.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { introspectCommand } from '../../parts/introspect-command.ts';
import { ScopeTags, TokenStatus } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';

/** A new token with its secret, on the one page that ever shows it. */
export function issuedView(visit: Visit, { token, secret }: TokenWithSecret): View {
  const { now } = visit;
  const page = visit.at(`/tokens/${token.id}`);
  return {
    title: 'Token issued',
    section: 'tokens',
    crumbs: [{ title: 'Tokens', href: visit.at('/tokens') }],
    body: (
      <div class="issued stack">
        <SecretOnce label={`the token ${token.name}`} secret={secret} page={page} />
        <p class="actions">
          <a class="button button-primary" href={page}>
            I have stored it
          </a>
        </p>
        <Card title="About it">
          <Facts
            facts={[
              ['Name', <bdi>{token.name}</bdi>],
              ['Status', <TokenStatus token={token} now={now} />],
              ['Scopes', token.scopes.length > 0 ? <ScopeTags scopes={token.scopes} /> : undefined],
              ['Role', token.role === null ? undefined : <bdi>{token.role.name}</bdi>],
              ['Owner', token.owner === null ? undefined : <bdi>{token.owner.name}</bdi>],
              ['Not before', token.notBefore === null ? undefined : <When at={token.notBefore} now={now} />],
              ['Expires', <When at={token.expiresAt} now={now} none="Never" />],
            ]}
          />
        </Card>
        <Card
          title="Try it"
          note="These commands have the token in them: where others use the same machine, clear them from the history of your shell."
        >
          {visit.may('listApiKeys') && (
            <>
              <p>Ask Tooken about it, as your services do, with an API key of this environment:</p>
              <Copyable
                label="the command that asks about it"
                text={introspectCommand(visit.services.config.publicUrl, secret)}
                block
              />
            </>
          )}
          <p>Call a service with it:</p>
          <Copyable label="the command that calls a service with it" text={callCommand(token.audience, secret)} block />
        </Card>
      </div>
    ),
  };
}

function callCommand(audience: string | null, secret: string): string {
  return `curl ${shellQuote(addressOf(audience))} \\\n  -H ${shellQuote(`Authorization: Bearer ${secret}`)}`;
}

/** The audience where it is the address of a service; it may be any text, and then is none. */
function addressOf(audience: string | null): string {
  const url = audience !== null && URL.canParse(audience) ? new URL(audience) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url.href : 'https://api.example.com/';
}
