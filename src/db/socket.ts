import { connect, type Socket } from 'node:net';

/** Where the driver wants to go, in its own terms. */
export interface Destination {
  /** A unix socket; false for TCP. */
  readonly path: string | false;
  readonly host: readonly string[];
  readonly port: readonly number[];
}

/** ReadyForQuery, outside of a transaction: the last message of a successful log-in. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * A connection that fails if the other end closes it during the log-in, as a load balancer does that has no database
 * behind it, or whatever else listens there. The driver would take that for no failure, connect again at once, and again,
 * while whoever asked waits for ever.
 */
export function openSocket({ path, host: [host = 'localhost'], port: [port = 5432] }: Destination): Socket {
  const socket = path === false ? connect(port, host) : connect(path);
  let last = Buffer.alloc(0);
  const watch = (chunk: Buffer): void => {
    last = Buffer.concat([last, chunk]).subarray(-READY.length);
    if (last.equals(READY)) unwatch();
  };
  const fail = (): void => {
    socket.destroy(Object.assign(new Error('closed during the log-in'), { code: 'ECONNRESET' }));
  };
  const unwatch = (): void => {
    socket.off('data', watch);
    socket.off('end', fail);
  };
  socket.on('data', watch).on('end', fail);
  // The driver names the server by these, in errors and to TLS.
  return Object.assign(socket, path === false ? { host, port } : {});
}
