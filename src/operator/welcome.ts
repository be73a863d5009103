import type { FirstCredentials } from './bootstrap.ts';

/** What the first start prints, once: the API key, and a command that uses it. */
export function welcomeText({ workspace, secret }: FirstCredentials, url: string): string {
  return `
  Tooken is running. Workspace "${workspace.name}" and its first API key were made.
  This is the only time the key is shown; keep it like a password:

      ${secret}

  Issue a token with it:

      curl -s ${url}/v1/tokens -H 'Authorization: Bearer ${secret}' \\
        -H 'Content-Type: application/json' \\
        -d '{"name":"my first token","scopes":["invoices:read"],"expires_in":2592000}'

  API reference: ${url}/docs

`;
}
