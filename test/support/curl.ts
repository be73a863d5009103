import { execFileSync } from 'node:child_process';

/** What a `curl` command line asks for. */
export interface CurlRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** The request of the one curl command in `script`, as a shell with the variables `env` reads it. Sends nothing. */
export function curlRequest(script: string, env: Record<string, string> = {}): CurlRequest {
  return requestOf(argumentsOf(script, env));
}

/** The arguments that curl would get from a shell that runs `script`. */
function argumentsOf(script: string, env: Record<string, string>): string[] {
  const output = execFileSync('/bin/sh', ['-euc', `curl() { printf '%s\\0' "$@"; }\n${script}`], {
    env,
    encoding: 'utf8',
  });
  return output.split('\0').slice(0, -1);
}

/** What curl makes of its arguments, as far as our examples use them. */
function requestOf(args: readonly string[]): CurlRequest {
  const request: CurlRequest = { method: '', url: '', headers: {} };
  const form: string[] = [];
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '-s') continue;
    if (!argument.startsWith('-')) {
      request.url = argument;
      continue;
    }
    const value = rest.shift() ?? '';
    if (argument === '-X') request.method = value;
    else if (argument === '-H') request.headers[value.split(': ', 1)[0] ?? ''] = value.slice(value.indexOf(': ') + 2);
    else if (argument === '-d') form.push(value);
    else if (argument === '--data-urlencode') form.push(encodePair(value));
    else throw new Error(`${argument} is not an option that the examples use`);
  }
  request.method ||= form.length > 0 ? 'POST' : 'GET';
  if (form.length === 0) return request;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...request.headers };
  return { ...request, headers, body: form.join('&') };
}

function encodePair(pair: string): string {
  return `${pair.slice(0, pair.indexOf('='))}=${encodeURIComponent(pair.slice(pair.indexOf('=') + 1))}`;
}
