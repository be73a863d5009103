import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ConnectionTarget } from '../../src/db/connection.ts';
import { applicationNameIn, createMessageCutter, isNotification, isRow } from './backend-messages.ts';

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
  /** Whether notifications are lost on the way, as behind a pooler. */
  dropNotifications(areDropped: boolean): void;
  /**
   * Keeps back what queries of this `application_name` find, and on a connection on which they have found something all
   * that follows.
   */
  holdRows(applicationName: string): HeldRows;
}

export interface HeldRows {
  /** How many connections have something kept back. */
  count(): number;
  /** Lets all of it go, and what follows. */
  release(): void;
}

export async function startDatabaseProxy({ host, port }: ConnectionTarget): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  const holds = new Map<string, Map<Socket, (() => void)[]>>();
  let isSilent = false;
  let isHangingUp = false;
  let areNotificationsDropped = false;

  /** What comes from the server, on its way to one client. */
  function forwardTo(client: Socket, applicationName: () => string | undefined): (chunk: Buffer) => void {
    const cutter = createMessageCutter();
    return (chunk) => {
      if (isSilent) return;
      const messages = cutter.take(chunk).filter((message) => !areNotificationsDropped || !isNotification(message));
      if (messages.length === 0) return;
      const send = () => client.write(Buffer.concat(messages));
      const hold = holds.get(applicationName() ?? '');
      if (hold !== undefined && messages.some(isRow) && !hold.has(client)) hold.set(client, []);
      const waiting = hold?.get(client);
      if (waiting === undefined) send();
      else waiting.push(send);
    };
  }

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
    let applicationName: string | undefined;
    client.once('data', (chunk) => {
      applicationName = applicationNameIn(chunk);
    });
    client.on('data', (chunk) => isSilent || upstream.write(chunk));
    upstream.on(
      'data',
      forwardTo(client, () => applicationName),
    );
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
    dropNotifications: (areDropped) => {
      areNotificationsDropped = areDropped;
    },
    holdRows(applicationName) {
      const hold = new Map<Socket, (() => void)[]>();
      holds.set(applicationName, hold);
      return {
        count: () => hold.size,
        release() {
          holds.delete(applicationName);
          for (const send of [...hold.values()].flat()) send();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
