import ipaddr from 'ipaddr.js';
import { createShared } from './shared.ts';

/**
 * IP addresses and CIDR blocks. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) counts as IPv4 everywhere, so that
 * a dual-stack socket cannot slip past a list.
 */
type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Block = readonly [address: Address, prefixLength: number];

/**
 * Parsing costs microseconds, and the same addresses and blocks come again and again, on every request: so what was parsed
 * is kept for a while. No text that means anything is longer than this.
 */
const MAX_LENGTH = '0000:0000:0000:0000:0000:ffff:255.255.255.255/128'.length;
const MAX_KEPT = 1_000;

/** The canonical text of an address, or undefined if `text` is none. No zone ids, no shorthand IPv4 (`127.1`). */
export function parseAddress(text: string): string | undefined {
  return text.length > MAX_LENGTH ? undefined : keptTexts(text);
}

const keptTexts = createShared((text) => toAddress(text)?.toString(), MAX_KEPT);

/**
 * The canonical text of a block (`192.0.2.0/24`, host bits cleared); a bare address means that one address.
 * Undefined if `text` is neither.
 */
export function parseCidr(text: string): string | undefined {
  const block = toBlock(text);
  return block && formatBlock(block);
}

/** Whether `address` lies in one of `cidrs`. An address or block that does not parse lies nowhere. */
export function isAddressIn(address: string, cidrs: readonly string[]): boolean {
  const candidate = toAddress(address);
  return candidate !== undefined && cidrs.some((cidr) => contains(toBlock(cidr), [candidate, bits(candidate)]));
}

/** Whether every address of `inner` lies in one single block of `outer`. */
export function areCidrsWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((cidr) => {
    const block = toBlock(cidr);
    return block !== undefined && outer.some((candidate) => contains(toBlock(candidate), block));
  });
}

/** What limits count as one source: an IPv4 address, or the /64 that one IPv6 subscriber controls. */
export function sourceOf(address: string): string {
  const parsed = toAddress(address);
  if (parsed === undefined || parsed.kind() === 'ipv4') return parsed?.toString() ?? address;
  return formatBlock([parsed, 64]);
}

function contains(outer: Block | undefined, inner: Block): boolean {
  if (outer === undefined || outer[0].kind() !== inner[0].kind() || outer[1] > inner[1]) return false;
  return inner[0].match(outer[0], outer[1]);
}

function toAddress(text: string): Address | undefined {
  return text.length > MAX_LENGTH ? undefined : keptAddresses(text);
}

const keptAddresses = createShared(readAddress, MAX_KEPT);

function readAddress(text: string): Address | undefined {
  if (text.includes('%')) return undefined;
  if (!ipaddr.IPv6.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return undefined;
  return ipaddr.process(text);
}

function toBlock(text: string): Block | undefined {
  return text.length > MAX_LENGTH ? undefined : keptBlocks(text);
}

const keptBlocks = createShared(readBlock, MAX_KEPT);

function readBlock(text: string): Block | undefined {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  const address = toAddress(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  if (lengthText === undefined) return [address, bits(address)];
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText)) return undefined;
  const isMapped = address.kind() === 'ipv4' && addressText.includes(':');
  const length = Number(lengthText) - (isMapped ? 96 : 0);
  return length >= 0 && length <= bits(address) ? [address, length] : undefined;
}

function bits(address: Address): number {
  return address.kind() === 'ipv4' ? 32 : 128;
}

function formatBlock([address, length]: Block): string {
  const bytes = address.toByteArray().map((byte, index) => byte & maskByte(length - index * 8));
  return `${ipaddr.fromByteArray(bytes).toString()}/${length}`;
}

function maskByte(bitsLeft: number): number {
  return bitsLeft >= 8 ? 0xff : bitsLeft <= 0 ? 0 : (0xff << (8 - bitsLeft)) & 0xff;
}
