import { z } from '@hono/zod-openapi';
import { disable } from '../../identity/totp/disable.ts';
import { enable, startEnrolment } from '../../identity/totp/enrolment.ts';
import { replaceOwnCodes } from '../../identity/totp/replace-codes.ts';
import { readOwnFactor } from '../../identity/totp/state.ts';
import { deviceCookieOf } from '../../web/device-cookie.ts';
import { bothFactorsFields, codeFields, passwordFields, typedCode } from '../../web/proof-fields.ts';
import type { Services } from '../../web/services.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { memberCallerOf } from '../member-caller.ts';
import { locked, slowFailures, wrong } from '../proof.ts';
import { instantOutput, jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['Sign-in'];

const getRoute = defineRoute('getTotp', {
  summary: 'Look at your second factor',
  tags,
  responses: {
    200: jsonAnswer(
      'How it stands.',
      z
        .object({
          enabled: z.boolean(),
          enabled_at: instantOutput.nullable(),
          recovery_codes_left: z.int().openapi({ description: 'Those that have not been used yet.', example: 10 }),
        })
        .openapi('SecondFactor'),
    ),
  },
});

const enrolmentBody = z
  .object({
    secret: z.string().openapi({
      format: 'password',
      description: 'For an app without a camera, in base 32.',
      example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    }),
    uri: z.string().openapi({
      format: 'password',
      description: 'The same, with what else the app has to know.',
      example: 'otpauth://totp/Tooken%20(acme):ada%40example.com?secret=…',
    }),
    qr_svg: z.string().openapi({
      format: 'password',
      description: 'The URI as a QR code: an SVG image without script, style or reference.',
      example: '<svg xmlns="http://www.w3.org/2000/svg" …>…</svg>',
    }),
  })
  .openapi('TotpEnrolment');

const startRoute = defineRoute('startTotp', {
  summary: 'Start to enrol an authenticator app',
  description: `Makes a secret for the app (RFC 6238: SHA-1, 30 seconds, six digits). It is asked for at sign-in once you have entered
a code of it, within the hour: POST /v1/auth/totp/enable. Starting again takes the place of what was started before.`,
  tags,
  request: jsonBody(passwordFields.openapi('StartTotp')),
  responses: { 200: jsonAnswer('What the app has to know.', enrolmentBody), 401: wrong, 423: locked },
});

const recoveryCodes = z.array(z.string()).openapi({
  format: 'password',
  description:
    'Each takes the place of a code of the app, once. They are shown here and never again: keep them apart from the app.',
  example: ['7K3M-Q9XT-A2BC-DE4F'],
});
const codesBody = z.object({ recovery_codes: recoveryCodes }).openapi('RecoveryCodes');

const enableRoute = defineRoute('enableTotp', {
  summary: 'Turn the second factor on',
  description: `With the code that the app shows, which is used up by that. From now on signing in takes one. Sessions go on; end
those that you do not trust (DELETE /v1/auth/sessions).`,
  tags,
  request: jsonBody(
    z
      .strictObject({ code: typedCode.openapi({ description: 'The six digits that the app shows.' }) })
      .openapi('EnableTotp'),
  ),
  responses: { 200: jsonAnswer('It is on.', codesBody), 401: wrong },
});

const disableRoute = defineRoute('disableTotp', {
  summary: 'Turn the second factor off',
  description: `With both factors: your password, and a code of the app or a recovery code. It ends every session that you have, this
one too. No process of the service takes anything of that by the time this answers: sign in again. Tokens you own live on.`,
  tags,
  request: jsonBody(bothFactorsFields.openapi('DisableTotp')),
  responses: {
    200: jsonAnswer('It is off.', z.object({ effective: effectiveBody }).openapi('DisabledTotp')),
    401: wrong,
    423: locked,
  },
});

const replaceRoute = defineRoute('replaceRecoveryCodes', {
  summary: 'Get new recovery codes',
  description: 'Ten, in the place of all that you had. It takes a code of the app, or one of those that are replaced.',
  tags,
  request: jsonBody(codeFields.openapi('ReplaceRecoveryCodes')),
  responses: { 200: jsonAnswer('The new ones.', codesBody), 401: wrong, 423: locked },
});

export function mountAuthTotp(api: Api, services: Services): void {
  const { config } = services;

  api.openapi(getRoute, async (c) => {
    const { enabledAt, recoveryCodesLeft } = await readOwnFactor(services, memberCallerOf(c));
    const body = { enabled: enabledAt !== null, enabled_at: enabledAt?.toISOString() ?? null };
    return c.json({ ...body, recovery_codes_left: recoveryCodesLeft }, 200);
  });

  api.openapi(startRoute, async (c) => {
    const input = { ...c.req.valid('json'), deviceCookie: deviceCookieOf(c, config) };
    const { secret, uri, qrSvg } = await slowFailures(c, services, startEnrolment(services, memberCallerOf(c), input));
    return c.json({ secret, uri, qr_svg: qrSvg }, 200);
  });

  api.openapi(enableRoute, async (c) => {
    const { code } = c.req.valid('json');
    return c.json({ recovery_codes: await enable(services, memberCallerOf(c), code) }, 200);
  });

  api.openapi(disableRoute, async (c) => {
    const input = { ...c.req.valid('json'), deviceCookie: deviceCookieOf(c, config) };
    const effective = await slowFailures(c, services, disable(services, memberCallerOf(c), input));
    return c.json({ effective: presentEffective(effective) }, 200);
  });

  api.openapi(replaceRoute, async (c) => {
    const input = { ...c.req.valid('json'), deviceCookie: deviceCookieOf(c, config) };
    const codes = await slowFailures(c, services, replaceOwnCodes(services, memberCallerOf(c), input));
    return c.json({ recovery_codes: codes }, 200);
  });
}
