import { z } from '@hono/zod-openapi';
import { endOwnSession, endOwnSessions, listOwnSessions, signOut } from '../../identity/sessions/own.ts';
import { refreshSession } from '../../identity/sessions/refresh.ts';
import type { Session } from '../../identity/sessions/session.ts';
import { ServiceError } from '../../lib/errors.ts';
import type { SessionId } from '../../lib/ids.ts';
import { cursorInput, idSchema, limitInput } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { memberCallerOf } from '../member-caller.ts';
import { countFailure } from '../middleware/access.ts';
import { errorBody, instantOutput, jsonAnswer, jsonBody, pageOf } from '../schemas.ts';

const tags = ['Sign-in'];

const refreshBody = z.strictObject({
  refresh_token: z.string().max(1024, 'must have at most 1,024 characters').openapi({ example: 'tokr_…' }),
});

const refreshedBody = z
  .object({
    access_token: z.string().openapi({ description: 'A JWT, for `Authorization: Bearer`.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'For so many seconds the access token is good.', example: 900 }),
    refresh_token: z.string().openapi({ description: 'Takes the place of the one presented.' }),
  })
  .openapi('RefreshedSession');

const refreshRoute = defineRoute('refreshSession', {
  summary: 'Get the next access token',
  description: `Uses the refresh token up and answers with the next one; keep that. Within ten seconds a retry, after a
lost answer, gets the same one again. A token that is presented after that, or once the next one was used, has been stolen
from somebody: the session ends. It ends seven days after sign-in in any case.`,
  tags,
  request: jsonBody(refreshBody.openapi('RefreshSession')),
  responses: {
    200: jsonAnswer('The next access token, and the next refresh token.', refreshedBody),
    401: jsonAnswer('`invalid_credentials`, whatever is wrong with the token. Sign in again.', errorBody),
  },
});

const endedBody = z.object({ effective: effectiveBody }).openapi('EndedSessions');

const signOutRoute = defineRoute('signOut', {
  summary: 'Sign out',
  description:
    'Ends the session of the access token that makes this call. No process of the service takes it by the time this answers.',
  tags,
  responses: { 200: jsonAnswer('The session is over.', endedBody) },
});

const sessionBody = z
  .object({
    id: idSchema('ses'),
    kind: z.enum(['api', 'browser']).openapi({ description: '`browser`: the dashboard. `api`: any other client.' }),
    current: z.boolean().openapi({ description: 'Whether this call was made in it.' }),
    created_at: instantOutput,
    authenticated_at: instantOutput.openapi({ description: 'When you last proved who you are.' }),
    last_seen_at: instantOutput.openapi({ description: 'When it was begun or last refreshed.' }),
    last_seen_from: z.string().nullable(),
    user_agent: z.string().nullable(),
    expires_at: instantOutput.openapi({ description: 'The end of it, however often it is refreshed.' }),
  })
  .openapi('Session');

const listRoute = defineRoute('listSessions', {
  summary: 'List your sessions',
  description: 'Those that are not over, newest first.',
  tags,
  request: { query: z.strictObject({ limit: limitInput, cursor: cursorInput }) },
  responses: { 200: jsonAnswer('A page of sessions.', pageOf(sessionBody).openapi('SessionPage')) },
});

const endAllRoute = defineRoute('endAllSessions', {
  summary: 'End all your sessions',
  description:
    'This one too. No process of the service takes any of your access tokens by the time this answers; tokens you own live on.',
  tags,
  responses: { 200: jsonAnswer('They are over.', endedBody) },
});

const endRoute = defineRoute('endSession', {
  summary: 'End one of your sessions',
  description: 'No process of the service takes its access tokens by the time this answers.',
  tags,
  request: { params: z.object({ id: idSchema('ses') }) },
  responses: { 200: jsonAnswer('It is over.', endedBody) },
});

export function mountAuthSessions(api: Api, services: Services): void {
  api.openapi(refreshRoute, async (c) => {
    const refresh = await refreshSession(services, c.req.valid('json').refresh_token, c.get('origin'));
    if (refresh.outcome === 'refused') {
      await services.refusals.refreshRefused(refresh, c.get('origin'));
      countFailure(c, services.limits);
      throw new ServiceError('invalid_credentials');
    }
    const { accessToken, expiresInSeconds, refreshToken } = refresh;
    const body = { access_token: accessToken, expires_in: expiresInSeconds, refresh_token: refreshToken };
    return c.json({ ...body, token_type: 'Bearer' as const }, 200);
  });

  api.openapi(signOutRoute, async (c) => {
    return c.json({ effective: presentEffective(await signOut(services, memberCallerOf(c))) }, 200);
  });

  api.openapi(listRoute, async (c) => {
    const caller = memberCallerOf(c);
    const { items, nextCursor } = await listOwnSessions(services, caller, c.req.valid('query'));
    const data = items.map((session) => presentSession(session, caller.principal.sessionId));
    return c.json({ data, next_cursor: nextCursor }, 200);
  });

  api.openapi(endAllRoute, async (c) => {
    return c.json({ effective: presentEffective(await endOwnSessions(services, memberCallerOf(c))) }, 200);
  });

  api.openapi(endRoute, async (c) => {
    const id = c.req.valid('param').id as SessionId;
    return c.json({ effective: presentEffective(await endOwnSession(services, memberCallerOf(c), id)) }, 200);
  });
}

function presentSession(session: Session, currentId: SessionId): z.output<typeof sessionBody> {
  return {
    id: session.id,
    kind: session.kind,
    current: session.id === currentId,
    created_at: session.createdAt.toISOString(),
    authenticated_at: session.authenticatedAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    last_seen_from: session.lastSeenFrom,
    user_agent: session.userAgent,
    expires_at: session.expiresAt.toISOString(),
  };
}
