/** What the contenders that are not ours share: a listener as thin as the bare one, and a word to the parent process. */
import { createServer } from 'node:http';

/**
 * Serves `answer` on `PORT`.
 *
 * @param {(headers: import('node:http').IncomingHttpHeaders, body: string) => Promise<{ status: number, text: string }>} answer
 * @param {{ authorization: string, tokens: readonly string[] }} client what a client needs
 */
export function serveAnswers(answer, client) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      const { status, text } = await answer(request.headers, body);
      const length = Buffer.byteLength(text);
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': length }).end(text);
    });
  });
  listen(server, client);
}

/**
 * Listens on `PORT`, and then tells the parent what a client needs.
 *
 * @param {import('node:http').Server} server
 * @param {{ authorization: string, tokens: readonly string[] }} client
 */
export function listen(server, client) {
  server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send(client));
}
