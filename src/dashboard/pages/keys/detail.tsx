import { namePrincipals } from '../../../introspection/usage/names.ts';
import { type ApiKeyReliance, readApiKeyReliance } from '../../../introspection/usage/reliance.ts';
import { type ApiKey, statusOf } from '../../../keys/api-key.ts';
import { listTokens } from '../../../tokens/list.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { View } from '../../kernel/view.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge } from '../../parts/badge.tsx';
import { Copyable } from '../../parts/copyable.tsx';
import { Card, Facts } from '../../parts/facts.tsx';
import { thousands } from '../../parts/times.ts';
import { Hint } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';
import { TokensCard } from '../named/tokens-card.tsx';
import { HistoryCard, readHistory } from '../tokens/detail-history.tsx';
import { type Names, Who } from '../tokens/detail-who.tsx';
import { Expiry, LastUse, Networks } from './facts.tsx';
import { keyOf, keyPath } from './key-path.ts';

const SHOWN_TOKENS = 5;

/** One API key: what is known of it, what it has issued, and what was done with it. */
export function mountKey(pages: Pages): void {
  pages.page('/keys/:id', 'getApiKey', async (visit): Promise<View> => {
    const { services, caller } = visit;
    const apiKey = await keyOf(visit);
    const { id } = apiKey;
    const [names, reliance, tokens, events] = await Promise.all([
      namePrincipals(services, caller, [apiKey.createdBy]),
      readApiKeyReliance(services, caller, id),
      listTokens(services, caller, { createdBy: id, limit: SHOWN_TOKENS }),
      readHistory(visit, apiKey),
    ]);
    return {
      title: apiKey.name,
      section: 'keys',
      crumbs: [{ title: 'API keys', href: visit.at('/keys') }],
      actions: <KeyActions visit={visit} apiKey={apiKey} />,
      body: (
        <>
          <p class="token-line">
            <KeyStatus apiKey={apiKey} now={visit.now} />
            <Hint hint={apiKey.hint} />
          </p>
          <AboutKey visit={visit} apiKey={apiKey} names={names} reliance={reliance} />
          <TokensCard
            visit={visit}
            title="Tokens issued with it"
            none="None so far."
            tokens={tokens}
            href={visit.at(`/tokens?created_by=${id}`)}
          />
          <HistoryCard visit={visit} about={apiKey} events={events} />
        </>
      ),
    };
  });
}

function KeyActions({ visit, apiKey }: { visit: Visit; apiKey: ApiKey }) {
  return (
    <>
      {visit.may('regenerateApiKey') && statusOf(apiKey, visit.now) === 'active' && (
        <a class="button" href={keyPath(visit, apiKey, '/regenerate')}>
          Regenerate API key
        </a>
      )}
      {visit.may('deleteApiKey') && (
        <a class="button button-danger" href={keyPath(visit, apiKey, '/delete')}>
          Delete API key
        </a>
      )}
    </>
  );
}

function KeyStatus({ apiKey, now }: { apiKey: ApiKey; now: Date }) {
  return statusOf(apiKey, now) === 'active' ? <Badge tone="good">Active</Badge> : <Badge tone="bad">Expired</Badge>;
}

interface AboutProps {
  readonly visit: Visit;
  readonly apiKey: ApiKey;
  readonly names: Names;
  readonly reliance: ApiKeyReliance;
}

function AboutKey({ visit, apiKey, names, reliance }: AboutProps) {
  const { now } = visit;
  const { introspectionsToday, introspectionsIn7Days, issuedTokens } = reliance;
  return (
    <div class="columns">
      <Card title="About it">
        <Facts
          facts={[
            ['Id', <Copyable label="id of the API key" text={apiKey.id} />],
            ['Environment', visit.environment === 'live' ? 'Live' : 'Test'],
            ['Expires', <Expiry apiKey={apiKey} now={now} />],
            ['Allowed addresses', <Networks cidrs={apiKey.allowedCidrs} />],
            [
              'Created',
              <>
                <When at={apiKey.createdAt} now={now} />
                <br />
                by <Who id={apiKey.createdBy} names={names} visit={visit} />
              </>,
            ],
            ['Last regenerated', <When at={apiKey.regeneratedAt} now={now} />],
          ]}
        />
      </Card>
      <Card
        title="What it is used for"
        actions={
          visit.may('listRequests') && (
            <a href={visit.at(`/requests?principal=${apiKey.id}`)}>The requests it has made</a>
          )
        }
      >
        <Facts
          facts={[
            ['Last used', <LastUse apiKey={apiKey} now={now} />],
            ['Introspections today', thousands(introspectionsToday)],
            ['In 7 days', thousands(introspectionsIn7Days)],
            [
              'Usable tokens that it issued',
              `${issuedTokens.isMore ? 'more than ' : ''}${thousands(issuedTokens.count)}`,
            ],
          ]}
        />
      </Card>
    </div>
  );
}
