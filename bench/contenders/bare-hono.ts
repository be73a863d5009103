/** Hono on `@hono/node-server` and nothing else: reads the body, answers with fixed bytes. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const body = process.env.BODY ?? '';
const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };

const app = new Hono();
app.all('*', async (c) => {
  await c.req.text();
  return c.body(body, 200, headers);
});
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' });
