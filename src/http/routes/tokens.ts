import { ServiceError } from '../../lib/errors.ts';
import { idFromUuid, idToUuid, type MemberId, type TokenId } from '../../lib/ids.ts';
import { requireManageable } from '../../tokens/holder.ts';
import { createTokenIssuer } from '../../tokens/issuer.ts';
import { getToken, listTokens } from '../../tokens/list.ts';
import { reassignToken } from '../../tokens/reassign.ts';
import { removeToken } from '../../tokens/remove.ts';
import { revokeToken } from '../../tokens/revoke.ts';
import { finishRotation, repeatRotation, rotateToken } from '../../tokens/rotate.ts';
import { updateToken } from '../../tokens/update.ts';
import { issueInputOf } from '../../web/issue-fields.ts';
import type { Services } from '../../web/services.ts';
import { updateInputOf } from '../../web/token-change-fields.ts';
import { listInputOf } from '../../web/token-filters.ts';
import type { Api } from '../api.ts';
import { presentEffective } from '../effective.ts';
import { etagOf, expectedRevisions } from '../etag.ts';
import { answerOnce } from '../idempotency.ts';
import { presentToken } from '../token-body.ts';
import {
  deleteRoute,
  finishRoute,
  getRoute,
  issueRoute,
  listRoute,
  reassignRoute,
  revokeRoute,
  rotateRoute,
  updateRoute,
} from '../token-routes.ts';

export function mountTokens(api: Api, services: Services): void {
  mountSecrets(api, services);
  mountReads(api, services);
  mountChanges(api, services);
}

/** The two operations whose answer holds a secret. */
function mountSecrets(api: Api, services: Services): void {
  const issue = createTokenIssuer(services);
  const { clock } = services;

  api.openapi(issueRoute, (c) => {
    const caller = c.get('caller');
    const input = issueInputOf(c.req.valid('json'));
    return answerOnce(c, services, {
      status: 201,
      perform: async (once) => ({ made: await issue(caller, input, once), fresh: {} }),
      present: ({ token, secret }) => ({
        body: { token: presentToken(token, clock.now()), secret },
        etag: etagOf(token),
      }),
      subjectOf: ({ token }) => idToUuid(token.id),
      repeat: async (uuid) => {
        await requireManageable(services, caller, tokenIdOf(uuid));
        return {};
      },
    });
  });

  api.openapi(rotateRoute, (c) => {
    const caller = c.get('caller');
    const id = c.req.valid('param').id as TokenId;
    const { grace_seconds, expires_at, expires_in } = c.req.valid('json');
    const input = {
      graceSeconds: grace_seconds,
      ...(expires_at !== undefined && { expiresAt: expires_at }),
      ...(expires_in !== undefined && { expiresInSeconds: expires_in }),
    };
    return answerOnce(c, services, {
      status: 200,
      perform: async (once) => {
        const { rotation, effective } = await rotateToken(services, caller, id, input, once);
        return { made: rotation, fresh: { effective: presentEffective(effective) } };
      },
      present: ({ token, secret, previousValidUntil }) => ({
        body: {
          token: presentToken(token, clock.now()),
          secret,
          previous: { valid_until: previousValidUntil.toISOString() },
        },
        etag: etagOf(token),
      }),
      subjectOf: ({ token }) => idToUuid(token.id),
      repeat: async () => ({ effective: presentEffective(await repeatRotation(services, caller, id)) }),
    });
  });
}

function mountReads(api: Api, services: Services): void {
  api.openapi(listRoute, async (c) => {
    const caller = c.get('caller');
    const { environment, ...query } = c.req.valid('query');
    if (environment !== undefined && environment !== caller.principal.environment) {
      const message = `is not the environment of the request, which is ${caller.principal.environment}`;
      throw new ServiceError('validation_failed', { details: [{ path: 'environment', message }] });
    }
    const { items, nextCursor } = await listTokens(services, caller, listInputOf(query));
    const now = services.clock.now();
    return c.json({ data: items.map((token) => presentToken(token, now)), next_cursor: nextCursor }, 200);
  });

  api.openapi(getRoute, async (c) => {
    const token = await getToken(services, c.get('caller'), c.req.valid('param').id as TokenId);
    c.header('ETag', etagOf(token));
    return c.json(presentToken(token, services.clock.now()), 200);
  });
}

function mountChanges(api: Api, services: Services): void {
  const { clock } = services;

  api.openapi(updateRoute, async (c) => {
    const { id } = c.req.valid('param');
    const input = updateInputOf(c.req.valid('json'));
    const expected = expectedRevisions(c.req.header('if-match'));
    const { token, effective } = await updateToken(services, c.get('caller'), id as TokenId, input, expected);
    c.header('ETag', etagOf(token));
    return c.json({ ...presentToken(token, clock.now()), effective: presentEffective(effective) }, 200);
  });

  api.openapi(finishRoute, async (c) => {
    const id = c.req.valid('param').id as TokenId;
    const { token, effective } = await finishRotation(services, c.get('caller'), id);
    c.header('ETag', etagOf(token));
    return c.json({ ...presentToken(token, clock.now()), effective: presentEffective(effective) }, 200);
  });

  api.openapi(revokeRoute, async (c) => {
    const { reason, with_issued: withIssued } = c.req.valid('json');
    const id = c.req.valid('param').id as TokenId;
    const { token, alsoRevoked, effective } = await revokeToken(services, c.get('caller'), id, { reason, withIssued });
    c.header('ETag', etagOf(token));
    const body = { token: presentToken(token, clock.now()), also_revoked: alsoRevoked };
    return c.json({ ...body, effective: presentEffective(effective) }, 200);
  });

  api.openapi(reassignRoute, async (c) => {
    const id = c.req.valid('param').id as TokenId;
    const { owner, reason } = c.req.valid('json');
    const input = { ownerId: owner as MemberId | null, reason };
    const { token, effective } = await reassignToken(services, c.get('caller'), id, input);
    c.header('ETag', etagOf(token));
    return c.json({ ...presentToken(token, clock.now()), effective: presentEffective(effective) }, 200);
  });

  api.openapi(deleteRoute, async (c) => {
    await removeToken(services, c.get('caller'), c.req.valid('param').id as TokenId);
    return c.body(null, 204);
  });
}

function tokenIdOf(uuid: string | null): TokenId {
  if (uuid === null) throw new ServiceError('not_found');
  return idFromUuid('tkn', uuid);
}
