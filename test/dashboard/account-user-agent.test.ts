import { expect, test } from 'vitest';
import { clientText } from '../../src/dashboard/pages/account/user-agent.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';

test.each([
  [CHROME, 'Chrome on Windows'],
  [`${CHROME} Edg/131.0.2903.51`, 'Edge on Windows'],
  [`${CHROME} OPR/116.0.0.0`, 'Opera on Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1',
    'Chrome on iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36',
    'Samsung Internet on Android',
  ],
  ['curl/8.5.0', 'curl'],
  ['python-requests/2.32', 'python-requests'],
  ['<img src=x onerror=alert(1)>', '<img'],
  ['x'.repeat(200), `${'x'.repeat(40)}…`],
])('%j is told as %j', (userAgent, text) => {
  expect(clientText({ userAgent, kind: 'browser' })).toBe(text);
});

test('what says nothing of itself is told by what it is', () => {
  expect(clientText({ userAgent: null, kind: 'browser' })).toBe('A browser');
  expect(clientText({ userAgent: ' ', kind: 'api' })).toBe('A program');
});
