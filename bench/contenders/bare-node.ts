/** `node:http` and nothing else: reads the body, answers with fixed bytes. */
import { createServer } from 'node:http';

const body = process.env.BODY ?? '';
const headers = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'content-length': Buffer.byteLength(body),
};

createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => response.writeHead(200, headers).end(body));
}).listen(Number(process.env.PORT), '127.0.0.1');
