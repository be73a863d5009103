import type { Config } from '../../config/config.ts';
import type { Api } from '../api.ts';

/**
 * Where links of members lead to. The secret is in the fragment, which no browser sends: all that there is to say is the same
 * for everybody, and looking at it uses nothing up.
 */
export function mountLink(api: Api, { config }: { readonly config: Pick<Config, 'publicUrl'> }): void {
  const text = instructions(config.publicUrl);
  api.get('/link', (c) => c.text(text, 200, { 'Referrer-Policy': 'no-referrer' }));
}

function instructions(url: string): string {
  const command = (path: string) => `  curl -s ${url}${path} -H 'Content-Type: application/json' \\
    -d '{"token":"tokl_...","password":"<at least 12 characters>"}'`;
  return `This link sets a password, once. Its secret is what follows the # in the address, tokl_...; it has not left your browser.

If you were invited:

${command('/v1/members/invitations/accept')}

If you are to be the first owner, the same with "email" and "name" beside the password: you choose them.

If you forgot your password, or an owner, admin or operator has helped you:

${command('/v1/auth/password/reset')}

Then sign in with POST ${url}/v1/auth/login. The API reference is at ${url}/docs.
`;
}
