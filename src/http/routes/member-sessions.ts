import { z } from '@hono/zod-openapi';
import { endSessionsOf } from '../../identity/sessions/end-of-member.ts';
import type { MemberId } from '../../lib/ids.ts';
import { idSchema } from '../../web/fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { jsonAnswer } from '../schemas.ts';

const endRoute = defineRoute('endMemberSessions', {
  summary: 'End all sessions of a member',
  description: `No process of the service takes an access token of the member by the time this answers. It may sign in
again, and tokens that it owns live on: remove the member to end those as well. Sessions of an owner only an owner ends.`,
  tags: ['Members'],
  request: { params: z.object({ id: idSchema('usr') }) },
  responses: {
    200: jsonAnswer('They are over.', z.object({ effective: effectiveBody }).openapi('EndedMemberSessions')),
  },
});

export function mountMemberSessions(api: Api, services: Services): void {
  api.openapi(endRoute, async (c) => {
    const id = c.req.valid('param').id as MemberId;
    return c.json({ effective: presentEffective(await endSessionsOf(services, c.get('caller'), id)) }, 200);
  });
}
