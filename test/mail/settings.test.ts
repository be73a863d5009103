import { describe, expect, test } from 'vitest';
import { readSmtp } from '../../src/config/smtp.ts';

const FROM = 'Tooken <tooken@example.com>';
const read = (url: string) => readSmtp({ SMTP_URL: url, SMTP_FROM: FROM });

test('without settings there is no mail', () => {
  expect(readSmtp({})).toBeUndefined();
  expect(readSmtp({ SMTP_URL: '', SMTP_FROM: '' })).toBeUndefined();
});

test.each([
  ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, tls: 'starttls', login: undefined }],
  ['smtp://mail.example.com:25/', { host: 'mail.example.com', port: 25, tls: 'starttls', login: undefined }],
  ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, tls: 'implicit', login: undefined }],
  ['smtps://localhost:4650', { host: 'localhost', port: 4650, tls: 'implicit', login: undefined }],
  ['smtp://localhost:25', { host: 'localhost', port: 25, tls: 'none', login: undefined }],
  ['smtp://127.1.2.3', { host: '127.1.2.3', port: 587, tls: 'none', login: undefined }],
  ['smtp://[::1]:2525', { host: '::1', port: 2525, tls: 'none', login: undefined }],
  ['smtp://[2001:db8::1]', { host: '2001:db8::1', port: 587, tls: 'starttls', login: undefined }],
  ['smtp://localhost.example.com', { host: 'localhost.example.com', port: 587, tls: 'starttls', login: undefined }],
  ['smtp://relay.internal:25?tls=off', { host: 'relay.internal', port: 25, tls: 'none', login: undefined }],
  [
    'smtp://ada%40example.com:p%3Aw%25@mail.example.com',
    { host: 'mail.example.com', port: 587, tls: 'starttls', login: { user: 'ada@example.com', password: 'p:w%' } },
  ],
])('%s is read', (url, expected) => {
  expect(read(url)).toEqual({ ...expected, from: { name: 'Tooken', address: 'tooken@example.com' } });
});

test.each([
  ['mail.example.com:587', 'must be an SMTP URL'],
  ['https://mail.example.com', 'must be an SMTP URL'],
  ['smtp://', 'must be an SMTP URL'],
  ['smtp://mail.example.com/path', 'must be an SMTP URL'],
  ['smtp://mail.example.com#part', 'must be an SMTP URL'],
  ['smtp://sesame@mail.example.com', 'has one of user and password'],
  ['smtp://:sesame@mail.example.com', 'has one of user and password'],
  ['smtp://user:sesame%@mail.example.com', 'has a % that escapes nothing'],
  ['smtp://mail.example.com?tls=on', 'has a parameter that is not known'],
  ['smtp://mail.example.com?tls=off&sesame=1', 'has a parameter that is not known'],
  ['smtp://mail.example.com?rejectUnauthorized=false', 'has a parameter that is not known'],
])('%s is refused, and not quoted', (url, problem) => {
  expect(() => read(url)).toThrow(`SMTP_URL: ${problem}`);
  expect(() => read(url)).not.toThrow('sesame');
});

describe('the sender', () => {
  test.each([
    ['tooken@example.com', { name: '', address: 'tooken@example.com' }],
    [' <tooken@example.com> ', { name: '', address: 'tooken@example.com' }],
    ['Acme, Tooken <tooken@example.com>', { name: 'Acme, Tooken', address: 'tooken@example.com' }],
    ['"Acme, Inc." <tooken@example.com>', { name: 'Acme, Inc.', address: 'tooken@example.com' }],
  ])('%j is read', (from, expected) => {
    expect(readSmtp({ SMTP_URL: 'smtp://localhost', SMTP_FROM: from })?.from).toEqual(expected);
  });

  test.each(['Tooken', 'a@b@c', 'Tooken <tooken>', 'a@b, c@d', 'Tooken\r\nBcc: x@y <a@b>', 'A <a@b> <c@d>'])(
    '%j is refused',
    (from) => {
      expect(() => readSmtp({ SMTP_URL: 'smtp://localhost', SMTP_FROM: from })).toThrow('SMTP_FROM: must be');
    },
  );

  test('and the server go together', () => {
    expect(() => readSmtp({ SMTP_URL: 'smtp://localhost' })).toThrow('SMTP_FROM: is required with SMTP_URL');
    expect(() => readSmtp({ SMTP_FROM: FROM })).toThrow('SMTP_FROM: is set without SMTP_URL');
  });
});
