import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A port that nothing listens at, for a process that cannot say which one it was given. It is below those that systems
 * hand out (RFC 6335 §6 and Linux), so that nobody is given it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(10_000 + Math.floor(Math.random() * 20_000), '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }
}
