import { isAddressIn, parseAddress } from '../lib/addresses.ts';

/** What the listener passes along with a request; absent parts are fine. */
export interface RequestSource {
  readonly incoming?: {
    readonly socket?: { readonly remoteAddress?: string | undefined };
    /** The body, chunk by chunk. */
    iterator?(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
  };
}

/**
 * The client's address: the socket's, or, if that is a trusted proxy's, the rightmost address of `X-Forwarded-For` that
 * is not a trusted proxy's itself. What stands further left is whatever the client cared to write.
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: readonly string[],
): string | null {
  let address = remoteAddress === undefined ? undefined : parseAddress(remoteAddress);
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  while (address !== undefined && isAddressIn(address, trustedProxies)) {
    const previous = parseAddress(hops.pop() ?? '');
    if (previous === undefined) break;
    address = previous;
  }
  return address ?? null;
}
