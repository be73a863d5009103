import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ConnectionTarget } from '../../src/db/connection.ts';

/**
 * What happens to the message: it is `lost` on the way to the server, or `done` by it, and nobody hears of that. Of a
 * COMMIT these are "failed" and "failed, but persisted".
 */
export type Breakage = 'lost' | 'done';

/** A TCP port in front of a database that breaks off at one message of what goes through it, and is of no use after. */
export interface BreakingProxy extends AsyncDisposable {
  readonly target: ConnectionTarget;
  /** Whether it came to that message. */
  hasBroken(): boolean;
}

/** Messages count from the first one that begins a transaction or speaks of the log. `onBreak` is called just before. */
export async function startBreakingProxy(
  { host, port, ...login }: ConnectionTarget,
  at: { readonly message: number; readonly breakage: Breakage; readonly onBreak?: () => void },
): Promise<BreakingProxy> {
  const sockets = new Set<Socket>();
  let count = 0;
  let hasBroken = false;

  function breakOff(): void {
    if (hasBroken) return;
    hasBroken = true;
    at.onBreak?.();
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((client) => {
    if (hasBroken) return void client.on('error', () => {}).destroy();
    const upstream = connect(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    let isLast = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.end());
    client.on('data', (chunk) => {
      if (count > 0 || /begin|audit/.test(chunk.toString('latin1'))) count += 1;
      isLast = count === at.message;
      if (isLast && at.breakage === 'lost') breakOff();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // Whatever it says, by then it is done.
      if (isLast) breakOff();
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: { ...login, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    hasBroken: () => hasBroken,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
