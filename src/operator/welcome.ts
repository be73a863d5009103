import type { FirstCredentials } from './bootstrap.ts';

/** What the first start prints, once: the API key, a command that uses it, and the link of the first owner. */
export function welcomeText({ workspace, secret, owner }: FirstCredentials, url: string): string {
  return `
  Tooken is running. Workspace "${workspace.name}" and its first API key were made.
  This is the only time the key is shown; keep it like a password:

      ${secret}

  Issue a token with it:

      curl -s ${url}/v1/tokens -H 'Authorization: Bearer ${secret}' \\
        -H 'Content-Type: application/json' \\
        -d '{"name":"my first token","scopes":["invoices:read"],"expires_in":2592000}'

  People sign in, too. The first owner chooses an email and a password by this link, which works once, for 72 hours:

      ${owner.link.url}

  Or with a command, since all that counts is what is behind the #:

      curl -s ${url}/v1/members/invitations/accept -H 'Content-Type: application/json' \\
        -d '{"token":"${owner.link.secret}","email":"you@example.com","password":"<at least 12 characters>"}'

  API reference: ${url}/docs

`;
}
