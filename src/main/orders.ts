import type { Socket } from 'node:net';
import { StartupError } from '../lib/startup-error.ts';
import { createDeferred } from './deferred.ts';
import type { Order, Report } from './messages.ts';

/** What the supervisor wants of this worker. A supervisor that is gone wants it to stop. */
export interface Orders {
  readonly windDown: Promise<{ readonly isReady: boolean }>;
  readonly finish: Promise<void>;
  readonly hurry: Promise<void>;
  readonly orphaned: Promise<void>;
  /** `take` gets the connections that come; undefined for one whose client has gone on the way. */
  onConnection(take: (connection: Socket | undefined) => void): void;
  onMetrics(tell: () => void): void;
}

/** @throws StartupError if no supervisor has started this process */
export function receiveOrders(): Orders {
  if (process.send === undefined) {
    throw new StartupError('A worker is started by the service itself. Set TOOKEN_WORKERS, and run `tooken serve`.');
  }
  const windDown = createDeferred<{ readonly isReady: boolean }>();
  const [finish, hurry, orphaned] = [createDeferred(), createDeferred(), createDeferred()];
  let take: (connection: Socket | undefined) => void = () => {};
  let tellMetrics = () => {};
  process.on('message', (order: Order, connection: unknown) => {
    switch (order.kind) {
      case 'connection':
        return take(connection as Socket | undefined);
      case 'wind_down':
        return windDown.resolve(order);
      case 'finish':
        return finish.resolve();
      case 'hurry':
        return hurry.resolve();
      case 'metrics':
        return tellMetrics();
    }
  });
  const bereave = () => {
    orphaned.resolve();
    windDown.resolve({ isReady: false });
    finish.resolve();
  };
  process.once('disconnect', bereave);
  // It may have died while this process was still loading its code.
  if (!process.connected) bereave();
  return {
    windDown: windDown.promise,
    finish: finish.promise,
    hurry: hurry.promise,
    orphaned: orphaned.promise,
    onConnection(given) {
      take = given;
    },
    onMetrics(given) {
      tellMetrics = given;
    },
  };
}

/** Resolves when it is sent, or the supervisor is gone. */
export function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
}
