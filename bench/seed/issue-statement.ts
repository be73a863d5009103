import type { SeededWorkspace } from './workspace.ts';

/**
 * What issuing a token does to the database, in one statement: the workspace's rules, the token, its secret, the event
 * with its three personal parts, the queue of the audit log. Ids are time-ordered and digests random, as the service's
 * are, and the leaf is one that the sequencer accepts.
 */
export function issueStatement({ uuid, id, apiKeyId }: SeededWorkspace): string {
  const newUuid = `overlay(gen_random_uuid()::text placing overlay(
    lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') placing '-' from 9 for 0) from 1 for 13)::uuid`;
  const part = (slot: string, type: string, subject: string, payload: string) =>
    `('${slot}', '${type}', ${subject}, decode('${'5a'.repeat(32)}', 'hex'), convert_to('${payload}', 'UTF8'))`;
  const tokenId = "'tkn_' || left(replace(token_id::text, '-', ''), 26)";
  return `with made as materialized (
    select ${newUuid} as token_id, ${newUuid} as event_id, date_trunc('milliseconds', clock_timestamp()) as at,
      sha256(uuid_send(gen_random_uuid())) as digest
    from workspaces where id = '${uuid}'
  ), token as (
    insert into tokens (id, workspace_id, environment, name, hint, scopes, metadata, expires_at, created_at, created_by)
    select token_id, '${uuid}', 'live', 'deploy', 'tkn_live_0000…0000', array['invoices' || chr(58) || 'read', 'payments' || chr(58) || 'write'],
      '{"team": "billing"}', at + interval '30 days', at, '${apiKeyId}' from made
  ), secret as (
    insert into token_secrets (digest, token_id, created_at) select digest, token_id, at from made
  ), event as (
    insert into audit_events (id, log_id, occurred_at, leaf)
    select event_id, '${uuid}', at, convert_to(format('${leafFormat(id, apiKeyId)}',
      'evt_' || left(replace(event_id::text, '-', ''), 26),
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24":"MI":"SS.MS"Z"'), ${tokenId}), 'UTF8') from made
  ), private as (
    insert into audit_private (event_id, slot, log_id, subject_type, subject_id, salt, payload)
    select event_id, slot, '${uuid}', type, subject, salt, payload from made cross join lateral (values
      ${part('actor', 'api_key', `'${apiKeyId}'`, '{"name":"bench"}')},
      ${part('source', 'source', `'127.0.0.1'`, '{"ip":"127.0.0.1","user_agent":"tooken-bench"}')},
      ${part('target/0', 'token', tokenId, '{"name":"deploy"}')}
    ) as part (slot, type, subject, salt, payload)
  )
  insert into audit_pending (log_id, event_id) select '${uuid}', event_id from made`;
}

/** With a space after some colons: pgbench takes a colon and a letter for a variable, anywhere. */
function leafFormat(workspaceId: string, apiKeyId: string): string {
  const commitment = '5a'.repeat(32);
  return (
    `{"action":"token.created","actor":{"commitment":"${commitment}","id":"${apiKeyId}","type":"api_key"},"changes":` +
    '[{"field":"scopes","new":["invoices:read","payments:write"],"old":null},{"field":"expires_at",' +
    '"new":"in thirty whole days","old":null}],"count":1,"environment":"live","first_at":null,"id":"%s",' +
    '"last_at":null,"occurred_at":"%s","operation":"create","outcome":"success","reason":null,"request":' +
    '{"id":"req_01m811mnd7e0080000000031mz","method":"POST","route":"/v1/tokens"},"schema_version":1,' +
    `"source":{"commitment":"${commitment}"},"targets":[{"commitment":"${commitment}","id":"%s","type":"token"}],` +
    `"workspace":"${workspaceId}"}`
  ).replaceAll(/:(?=\w)/g, ': ');
}
