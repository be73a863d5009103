import { INTROSPECTION_PATH } from '../../introspection/introspect.ts';
import { shellQuote } from '../../web/shell-quote.ts';

/**
 * The command that asks Tooken about a token as services do, with the API key of whoever runs it. Without a `secret` the shell is
 * to know it as `$TOKEN`.
 */
export function introspectCommand(publicUrl: string, secret?: string): string {
  return [
    `curl ${shellQuote(publicUrl + INTROSPECTION_PATH)}`,
    '-H "Authorization: Bearer $TOOKEN_API_KEY"',
    `-d ${secret === undefined ? '"token=$TOKEN"' : shellQuote(`token=${secret}`)}`,
  ].join(' \\\n  ');
}
