import { z } from '@hono/zod-openapi';
import { resetPassword } from '../../identity/members/reset.ts';
import { newPasswordInput } from '../../web/proof-fields.ts';
import type { Services } from '../../web/services.ts';
import { forgottenFields as forgotBody, linkTokenInput } from '../../web/sign-in-fields.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { refusedLinkAnswer } from '../link-input.ts';
import { chosenFields, presentChosen } from '../member-body.ts';
import { countMail } from '../middleware/access.ts';
import { slowFailures } from '../proof.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['Sign-in'];

const forgotRoute = defineRoute('forgotPassword', {
  summary: 'Ask for a link to set a new password',
  description: `The answer is the same for every address: whether anybody has it is looked up afterwards. A member gets a mail with a
link that works once, for 72 hours, and no more than one in ten minutes. Where there is no mail server, owners, admins and
operators make links.`,
  tags,
  request: jsonBody(forgotBody.openapi('ForgotPassword')),
  responses: {
    202: jsonAnswer('What to do next.', z.object({ message: z.string() }).openapi('ForgottenPassword')),
  },
});

const resetBody = z.strictObject({ token: linkTokenInput, password: newPasswordInput });

const resetRoute = defineRoute('resetPassword', {
  summary: 'Set a new password by a link',
  description: `Uses the link up and ends every session of yours, everywhere by the time this answers. A second factor stays on. Then sign
in with POST /v1/auth/login.`,
  tags,
  request: jsonBody(resetBody.openapi('ResetPassword')),
  responses: {
    200: jsonAnswer(
      'The password is set.',
      z.object({ ...chosenFields, effective: effectiveBody }).openapi('PasswordReset'),
    ),
    401: refusedLinkAnswer,
  },
});

export function mountAuthPasswordReset(api: Api, services: Services): void {
  api.openapi(forgotRoute, async (c) => {
    countMail(c, services.limits);
    await services.forgottenPasswords.take(c.req.valid('json'), c.get('origin'));
    return c.json({ message: services.mailer.isConfigured ? MAILED_MESSAGE : NO_MAIL_MESSAGE }, 202);
  });

  api.openapi(resetRoute, async (c) => {
    const resetting = resetPassword(services, c.get('origin'), c.req.valid('json'));
    const { effective, ...chosen } = await slowFailures(c, services, resetting);
    return c.json({ ...presentChosen(chosen), effective: presentEffective(effective) }, 200);
  });
}

const MAILED_MESSAGE =
  'If somebody signs in with this address, a link is on its way to it. It works for 72 hours; look into the spam folder, too.';
const NO_MAIL_MESSAGE =
  'This service sends no mail. Ask an owner or admin of the workspace for a link, or an operator: `tooken members reset`.';
