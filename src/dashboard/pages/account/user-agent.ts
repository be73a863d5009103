import type { Session } from '../../../identity/sessions/session.ts';

/** Those that say that they are others, too, come before these. */
const BROWSERS = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|Opera)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Vivaldi', /\bVivaldi\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome|Chromium)\//],
  ['Safari', /\bVersion\/[\d.]+.*\bSafari\//],
] as const;

const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b|\bMacintosh\b/],
  ['Linux', /\bLinux\b|\bX11\b/],
] as const;

const MAX_LENGTH = 40;

/** What somebody has signed in with, in plain words, as far as it says so itself: `Firefox on Windows`, `curl`. */
export function clientText({ userAgent, kind }: Pick<Session, 'userAgent' | 'kind'>): string {
  if (userAgent === null || userAgent.trim() === '') return kind === 'browser' ? 'A browser' : 'A program';
  const browser = nameIn(BROWSERS, userAgent);
  const system = nameIn(SYSTEMS, userAgent);
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`;
  // RFC 9110 §10.1.5: the most important product comes first.
  const product = /^[^/\s(]+/.exec(userAgent)?.[0] ?? userAgent;
  return product.length > MAX_LENGTH ? `${product.slice(0, MAX_LENGTH)}…` : product;
}

function nameIn(names: readonly (readonly [string, RegExp])[], userAgent: string): string | undefined {
  return names.find(([, pattern]) => pattern.test(userAgent))?.[0];
}
