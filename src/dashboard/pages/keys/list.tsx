import { namePrincipals } from '../../../introspection/usage/names.ts';
import type { ApiKey } from '../../../keys/api-key.ts';
import { listApiKeys } from '../../../keys/list.ts';
import { ServiceError } from '../../../lib/errors.ts';
import type { Page } from '../../../lib/page.ts';
import type { Pages } from '../../kernel/pages.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Empty, Pager, Table } from '../../parts/table.tsx';
import { Hint } from '../../parts/token.tsx';
import { When } from '../../parts/when.tsx';
import { type Names, Who } from '../tokens/detail-who.tsx';
import { Expiry, LastUse } from './facts.tsx';
import { keyPath } from './key-path.ts';

const PER_PAGE = 50;

/** The API keys of an environment, newest first. */
export function mountKeyList(pages: Pages): void {
  pages.page('/keys', 'listApiKeys', async (visit) => {
    const page = await read(visit);
    return {
      title: 'API keys',
      section: 'keys',
      actions: visit.may('createApiKey') && (
        <a class="button button-primary" href={visit.at('/keys/new')}>
          Create API key
        </a>
      ),
      body: (
        <>
          <p class="muted">
            An API key opens all that Tooken does with the tokens of the {visit.environment} environment: issuing them,
            revoking them, and telling your services whether they are good. Give each service a key of its own.
          </p>
          <List visit={visit} page={page} />
        </>
      ),
    };
  });
}

interface Listed extends Page<ApiKey> {
  readonly names: Names;
}

/** Undefined where the address leads to no place in the list. */
async function read({ services, caller, environment, query }: Visit): Promise<Listed | undefined> {
  const cursor = query.get('cursor') || undefined;
  try {
    const { workspaceId } = caller.principal;
    const page = await listApiKeys(services, workspaceId, { environment, limit: PER_PAGE, cursor });
    const names = await namePrincipals(
      services,
      caller,
      page.items.map(({ createdBy }) => createdBy),
    );
    return { ...page, names };
  } catch (thrown) {
    if (thrown instanceof ServiceError && thrown.code === 'invalid_request') return undefined;
    throw thrown;
  }
}

function List({ visit, page }: { visit: Visit; page: Listed | undefined }) {
  if (page === undefined) {
    return (
      <div class="alert alert-bad" role="alert">
        <span>
          The address leads to no place in this list. <a href={visit.at('/keys')}>Start from the newest again.</a>
        </span>
      </div>
    );
  }
  if (page.items.length === 0) return <NoKeys visit={visit} />;
  return (
    <>
      <Table caption="API keys" columns={['API key', 'Last used', 'Expires', 'Created']}>
        {page.items.map((apiKey) => (
          <Row visit={visit} apiKey={apiKey} names={page.names} />
        ))}
      </Table>
      <Pager
        newest={visit.query.has('cursor') ? visit.at('/keys') : undefined}
        next={page.nextCursor === null ? undefined : visit.at(`/keys?cursor=${encodeURIComponent(page.nextCursor)}`)}
      />
    </>
  );
}

function Row({ visit, apiKey, names }: { visit: Visit; apiKey: ApiKey; names: Names }) {
  const { now } = visit;
  return (
    <tr>
      <th scope="row" class="cell-name">
        <a href={keyPath(visit, apiKey)}>
          <bdi>{apiKey.name}</bdi>
        </a>
        <Hint hint={apiKey.hint} />
      </th>
      <td>
        <LastUse apiKey={apiKey} now={now} />
      </td>
      <td>
        <Expiry apiKey={apiKey} now={now} />
      </td>
      <td class="cell-creator">
        <When at={apiKey.createdAt} now={now} />
        <span class="small">
          by <Who id={apiKey.createdBy} names={names} visit={visit} />
        </span>
      </td>
    </tr>
  );
}

function NoKeys({ visit }: { visit: Visit }) {
  const { environment } = visit;
  return (
    <Empty title={`There is no API key for the ${environment} environment`}>
      <p>Your services need one to ask whether a token is good.</p>
      {visit.may('createApiKey') && (
        <p class="actions">
          <a class="button button-primary" href={visit.at('/keys/new')}>
            Create API key
          </a>
        </p>
      )}
    </Empty>
  );
}
