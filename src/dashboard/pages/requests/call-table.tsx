import type { LoggedRequest } from '../../../requests/read-store.ts';
import type { Visit } from '../../kernel/visit.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { Table } from '../../parts/table.tsx';
import { thousands } from '../../parts/times.ts';
import { When } from '../../parts/when.tsx';

interface CallTableProps {
  readonly visit: Visit;
  readonly calls: readonly LoggedRequest[];
  /** What callers are called, by their ids. */
  readonly names: ReadonlyMap<string, string>;
}

/** Calls, newest first. */
export function CallTable({ visit, calls, names }: CallTableProps) {
  return (
    <div class="calls">
      <Table caption="Calls, newest first" columns={['Call', 'Status', 'Caller', 'Source', 'Took', 'When']}>
        {calls.map((call) => (
          <tr>
            <th scope="row" class="call-said">
              <code>
                <span class="call-method">{call.method}</span> {call.route}
              </code>
              <a
                class="call-request"
                href={visit.at(`/audit-log?${new URLSearchParams({ request_id: call.requestId })}`)}
                title="What this call did, in the audit log"
              >
                {call.requestId}
              </a>
            </th>
            <td>
              <Badge tone={toneOf(call.status)}>{call.status}</Badge>
            </td>
            <td class="call-who">
              <Caller visit={visit} id={call.principal} name={names.get(call.principal)} />
            </td>
            <td class="call-source">
              {call.ip !== null && <code>{call.ip}</code>}
              {call.userAgent !== null && (
                <span class="call-agent" title={call.userAgent}>
                  <bdi>{call.userAgent}</bdi>
                </span>
              )}
              {call.ip === null && call.userAgent === null && <span class="muted">not known</span>}
            </td>
            <td class="nowrap">{thousands(call.durationMs)} ms</td>
            <td>
              <When at={call.createdAt} now={visit.now} />
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

/** By name, with the way to its page; by id alone if it is gone. */
function Caller({ visit, id, name }: { visit: Visit; id: string; name: string | undefined }) {
  const isKey = id.startsWith('key_');
  const isLinked = name !== undefined && visit.may(isKey ? 'getApiKey' : 'getToken');
  const said = name === undefined ? <code>{id}</code> : <bdi>{name}</bdi>;
  return (
    <>
      {isLinked ? <a href={visit.at(isKey ? `/keys/${id}` : `/tokens/${id}`)}>{said}</a> : said}{' '}
      <span class="call-kind">{isKey ? 'API key' : 'Token'}</span>
    </>
  );
}

function toneOf(status: number): Tone {
  if (status < 300) return 'good';
  if (status < 400) return 'plain';
  return status < 500 ? 'warn' : 'bad';
}
