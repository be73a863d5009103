import { z } from '@hono/zod-openapi';
import { ACCESS_LEVELS } from '../../identity/access-level.ts';
import type { StartedSession } from '../../identity/sessions/begin.ts';
import { changePassword } from '../../identity/sign-in/change-password.ts';
import type { SignedIn } from '../../identity/sign-in/complete.ts';
import { login } from '../../identity/sign-in/login.ts';
import { stepUp } from '../../identity/sign-in/step-up.ts';
import { verifyCode } from '../../identity/sign-in/verify-code.ts';
import { deviceCookieOf, setDeviceCookie } from '../../web/device-cookie.ts';
import { idSchema } from '../../web/fields.ts';
import { changePasswordFields, codeFields, typedCode, typedPassword } from '../../web/proof-fields.ts';
import type { Services } from '../../web/services.ts';
import { loginFields } from '../../web/sign-in-fields.ts';
import { type Api, defineRoute } from '../api.ts';
import { effectiveBody, presentEffective } from '../effective.ts';
import { memberCallerOf } from '../member-caller.ts';
import { locked, slowFailures, wrong } from '../proof.ts';
import { jsonAnswer, jsonBody } from '../schemas.ts';

const tags = ['Sign-in'];

const sessionParts = {
  access_token: z.string().openapi({ description: 'A JWT, for `Authorization: Bearer`.' }),
  token_type: z.literal('Bearer'),
  expires_in: z.int().openapi({ description: 'For so many seconds the access token is good.', example: 900 }),
};
const refreshToken = z.string().openapi({
  description: 'Gets the next access token, once (POST /v1/auth/refresh).',
  example: 'tokr_…',
});

const signedInBody = z
  .object({
    ...sessionParts,
    refresh_token: refreshToken,
    user: z.object({
      id: idSchema('usr'),
      name: z.string().openapi({ example: 'Ada Lovelace' }),
      email: z.string().openapi({ example: 'ada@example.com' }),
      access: z.enum(ACCESS_LEVELS),
      workspace: idSchema('ws'),
    }),
  })
  .openapi('SignedIn');

const secondFactorBody = z
  .object({
    requires_totp: z.literal(true),
    temp_token: z.string().openapi({
      description: 'The Bearer of POST /v1/auth/totp/verify, and good for nothing else. It takes five codes.',
    }),
    expires_in: z.int().openapi({ description: 'For so many seconds.', example: 300 }),
  })
  .openapi('SecondFactorRequired');

const loginRoute = defineRoute('login', {
  summary: 'Sign in',
  description: `With an email address and a password; whoever has turned a second factor on is asked for that next. An address
that nobody has is answered, and locked, like any other. A browser gets a cookie by which it is known again: failures
elsewhere do not lock it.`,
  tags,
  request: jsonBody(loginFields.openapi('Login')),
  responses: {
    200: jsonAnswer('You are signed in, or a code is needed.', z.union([signedInBody, secondFactorBody])),
    401: wrong,
    423: locked,
  },
});

const verifyRoute = defineRoute('verifyTotp', {
  summary: 'Complete a sign-in by its second factor',
  description: `\`Authorization: Bearer\` takes the temporary token of POST /v1/auth/login. It lasts five minutes and five codes,
and completes one sign-in.`,
  tags,
  request: jsonBody(codeFields.openapi('VerifyTotp')),
  responses: { 200: jsonAnswer('You are signed in.', signedInBody), 401: wrong, 423: locked },
});

const stepUpBody = z
  .strictObject({ password: typedPassword.optional(), code: typedCode.optional() })
  .refine(({ password, code }) => (password === undefined) !== (code === undefined), {
    error: 'send either password or code',
    path: ['password'],
  });

const stepUpRoute = defineRoute('stepUp', {
  summary: 'Confirm that it is you',
  description: `Calls that are marked so take a proof of who you are that is no older than ten minutes: your password, or a code of
your second factor. Make them with the access token that you get here. It is of the same session.`,
  tags,
  request: jsonBody(stepUpBody.openapi('StepUp')),
  responses: {
    200: jsonAnswer('The access token that says so.', z.object(sessionParts).openapi('SteppedUp')),
    401: wrong,
    423: locked,
  },
});

const changeRoute = defineRoute('changePassword', {
  summary: 'Change your password',
  description: `Ends every session that you have, sign-ins under way and links to set a password; browsers that have signed in
before count as new ones. No process of the service takes anything of that by the time this answers. You stay signed in here:
go on with the tokens of this answer. Tokens you own live on.`,
  tags,
  request: jsonBody(changePasswordFields.openapi('ChangePassword')),
  responses: {
    200: jsonAnswer(
      'The password is changed.',
      z.object({ ...sessionParts, refresh_token: refreshToken, effective: effectiveBody }).openapi('ChangedPassword'),
    ),
    401: wrong,
    423: locked,
  },
});

export function mountAuth(api: Api, services: Services): void {
  const { config } = services;

  api.openapi(loginRoute, async (c) => {
    const input = { ...c.req.valid('json'), deviceCookie: deviceCookieOf(c, config), kind: 'api' } as const;
    const result = await slowFailures(c, services, login(services, input, c.get('origin')));
    if (result.outcome === 'second_factor_required') {
      const { temporaryToken, expiresInSeconds } = result;
      return c.json({ requires_totp: true as const, temp_token: temporaryToken, expires_in: expiresInSeconds }, 200);
    }
    setDeviceCookie(c, config, result.deviceCookie);
    return c.json(presentSignedIn(result), 200);
  });

  api.openapi(verifyRoute, async (c) => {
    const { code } = c.req.valid('json');
    const temporaryToken = bearerOf(c.req.header('authorization'));
    const input = { code, temporaryToken, deviceCookie: deviceCookieOf(c, config), kind: 'api' } as const;
    const signedIn = await slowFailures(c, services, verifyCode(services, input, c.get('origin')));
    setDeviceCookie(c, config, signedIn.deviceCookie);
    return c.json(presentSignedIn(signedIn), 200);
  });

  api.openapi(stepUpRoute, async (c) => {
    const { password, code } = c.req.valid('json');
    const proof = password !== undefined ? { password } : { code: code ?? '' };
    const stepping = stepUp(services, memberCallerOf(c), {
      proof,
      deviceCookie: deviceCookieOf(c, config),
      kind: 'api',
    });
    const { accessToken, expiresInSeconds } = await slowFailures(c, services, stepping);
    return c.json({ access_token: accessToken, token_type: 'Bearer' as const, expires_in: expiresInSeconds }, 200);
  });

  api.openapi(changeRoute, async (c) => {
    const { current_password: currentPassword, new_password: newPassword } = c.req.valid('json');
    const change = { currentPassword, newPassword, deviceCookie: deviceCookieOf(c, config), kind: 'api' } as const;
    const changing = changePassword(services, memberCallerOf(c), change);
    const { session, deviceCookie, effective } = await slowFailures(c, services, changing);
    setDeviceCookie(c, config, deviceCookie);
    return c.json({ ...presentSession(session), effective: presentEffective(effective) }, 200);
  });
}

function bearerOf(authorization: string | undefined): string {
  return /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1] ?? '';
}

function presentSession({ accessToken, expiresInSeconds, refreshToken }: StartedSession) {
  return {
    access_token: accessToken,
    token_type: 'Bearer' as const,
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
  };
}

function presentSignedIn({ session, member }: SignedIn): z.output<typeof signedInBody> {
  const { id, name, email, access, workspaceId: workspace } = member;
  return { ...presentSession(session), user: { id, name, email, access, workspace } };
}
