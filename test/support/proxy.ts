import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ConnectionTarget } from '../../src/db/connection.ts';

/** A TCP port in front of a database, for processes that are told where it is by a URL. */
export interface DatabaseProxy extends AsyncDisposable {
  /** `target`, reached through the proxy. */
  through(target: ConnectionTarget): ConnectionTarget;
  /** From now on nothing passes, and nobody is told: what is sent is lost. */
  fallSilent(): void;
  /** From now on nothing is behind it: it ends what there is, and takes new connections only to end them. */
  hangUp(): void;
  /** Ends all connections and lets new ones through again. */
  recover(): void;
}

export async function startDatabaseProxy({ host, port }: ConnectionTarget): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let isHangingUp = false;
  const server = createServer((client) => {
    if (isHangingUp) {
      client.resume().end();
      return;
    }
    const upstream = connect(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => isSilent || upstream.write(chunk));
    upstream.on('data', (chunk) => isSilent || client.write(chunk));
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    through: (target) => ({ ...target, host: '127.0.0.1', port: address.port }),
    fallSilent: () => {
      isSilent = true;
    },
    hangUp: () => {
      isHangingUp = true;
      for (const socket of sockets) socket.end();
    },
    recover: () => {
      isSilent = false;
      isHangingUp = false;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
