import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** How many requests of one connection may wait behind the one that is being answered. */
const MAX_WAITING = 15;
/** How many more may be thrown away while those are answered; with one more the connection ends at once. */
const MAX_DROPPED = 1_000;

interface Queue {
  waiting: number;
  isClosed: boolean;
  dropped: number;
}

/**
 * Bounds what one connection can have under way. Node hands pipelined requests to the listener as fast as they arrive, so
 * a few connections that send without reading would fill the memory and stand before everybody else at the database.
 * Here the connection ends after the last request that fits; what came behind it is not carried out, and its sender
 * knows that from the missing answers (RFC 9112 §9.3.2).
 */
export function boundPipelining(listener: RequestListener): RequestListener {
  const queues = new WeakMap<Socket, Queue>();
  return (request, response) => {
    const { socket } = request;
    // An answer gets the socket when those before it are through: nearly always at once.
    if (response.socket !== null) return listener(request, response);
    const queue = queues.get(socket) ?? { waiting: 0, isClosed: false, dropped: 0 };
    if (queue.isClosed) return drop(socket, queue);
    queue.waiting += 1;
    queue.isClosed = queue.waiting === MAX_WAITING;
    queues.set(socket, queue);
    if (queue.isClosed) response.shouldKeepAlive = false;
    response.once('close', () => {
      queue.waiting -= 1;
    });
    return listener(request, response);
  };
}

/** Every answer that goes out makes Node read on, so pausing alone does not stop a sender without end. */
function drop(socket: Socket, queue: Queue): void {
  queue.dropped += 1;
  if (queue.dropped > MAX_DROPPED) socket.destroy();
  else socket.pause();
}
