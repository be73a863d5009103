import { isAddressIn, parseAddress } from './addresses.ts';

/** Finds the address of the client of a request; null if there is none, as in tests. */
export type ClientAddresses = (remoteAddress: string | undefined, forwardedFor: string | undefined) => string | null;

/** Remembered at once. Parsing costs a hundred times as much as looking one up. */
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 200;

/** For a service behind `trustedProxies`, as CIDR blocks. */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const remembered = new Map<string, string | null>();
  return (remoteAddress, forwardedFor) => {
    if (remoteAddress === undefined) return null;
    const hops = trustedProxies.length === 0 ? undefined : forwardedFor;
    const key = hops === undefined ? remoteAddress : `${remoteAddress} ${hops}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const address = clientAddress(remoteAddress, hops, trustedProxies);
    if (key.length > MAX_REMEMBERED_LENGTH) return address;
    if (remembered.size === MAX_REMEMBERED) remembered.clear();
    remembered.set(key, address);
    return address;
  };
}

/**
 * The client's address: the socket's, or, if that is a trusted proxy's, the rightmost address of `X-Forwarded-For` that
 * is not a trusted proxy's itself. What stands further left is whatever the client cared to write.
 */
function clientAddress(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trustedProxies: readonly string[],
): string | null {
  let address = parseAddress(remoteAddress);
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim());
  while (address !== undefined && isAddressIn(address, trustedProxies)) {
    const previous = parseAddress(hops.pop() ?? '');
    if (previous === undefined) break;
    address = previous;
  }
  return address ?? null;
}
