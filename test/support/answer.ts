/** An answer of the service, read to the end; of one that has none, only the beginning. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds, and fails where it does not
  readonly body: any;
}

export async function readAnswer(response: Response): Promise<TestAnswer> {
  const bytes = isEndless(response) ? await beginningOf(response) : Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  return { status: response.status, headers: response.headers, text, bytes, body: parseJson(text) };
}

/** Sends a request to a service that listens at `url`, with `secret` as Bearer and `json` as body. */
export async function send(
  { url, secret }: { readonly url: string; readonly secret: string },
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    signal: AbortSignal.timeout(20_000),
  });
  return readAnswer(response);
}

function isEndless(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

async function beginningOf({ body }: Response): Promise<Buffer> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return Buffer.from(first?.value ?? []);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
