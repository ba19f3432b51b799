import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../lib/errors.ts';
import { type RequestHeaders, readCredentials } from './credentials.ts';

const ID = '3f2b9c1e-7a64-4d7e-9a51-0c8e5f3d2b1a';
const SECRET = randomBytes(32).toString('base64url');

test('every documented form of the header is read, and nothing else', () => {
  const f = (headers: RequestHeaders, want: 'ok' | 'api_key_missing' | 'api_key_bad_format') => {
    const read = () => readCredentials(headers);
    if (want === 'ok') expect(read(), JSON.stringify(headers)).toEqual({ keyId: ID, secret: SECRET });
    else expect(read, JSON.stringify(headers)).toThrow(expect.objectContaining({ code: want }));
  };
  const pair = `${ID}:${SECRET}`;
  f({ 'x-api-key': pair }, 'ok');
  f({ 'x-api-key': ` ${pair} ` }, 'ok');
  f({ 'x-api-key': `${ID.toUpperCase()}:${SECRET}` }, 'ok');
  f({ authorization: `ApiKey ${pair}` }, 'ok');
  f({ authorization: `apikey  ${pair}` }, 'ok');
  f({ authorization: `Bearer ${pair}` }, 'ok');
  f({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, 'ok');
  f({ 'x-api-key': pair, authorization: 'Basic dXNlcjpwYXNz' }, 'ok'); // a proxy's own
  f({}, 'api_key_missing');
  f({ authorization: '' }, 'api_key_missing');
  f({ 'x-api-key': undefined }, 'api_key_missing');
  f({ authorization: pair }, 'api_key_bad_format');
  f({ authorization: `Basic ${pair}` }, 'api_key_bad_format');
  f({ authorization: `Basic ${Buffer.from('user:pass').toString('base64')}` }, 'api_key_bad_format');
  f({ authorization: `ApiKey ${pair} ` }, 'api_key_bad_format');
  f({ 'x-api-key': ID }, 'api_key_bad_format');
  f({ 'x-api-key': `${ID}:` }, 'api_key_bad_format');
  f({ 'x-api-key': `${ID}:${SECRET.slice(1)}` }, 'api_key_bad_format');
  f({ 'x-api-key': `${ID}:${SECRET}=` }, 'api_key_bad_format');
  f({ 'x-api-key': `${ID.replace('-4d', '-1d')}:${SECRET}` }, 'api_key_bad_format'); // not version 4
  f({ 'x-api-key': [pair, pair] }, 'api_key_bad_format');
  f({ 'x-api-key': `${pair}, ${pair}` }, 'api_key_bad_format');
  f({ 'x-api-key': `${pair}\n` + 'x'.repeat(1_000_000) }, 'api_key_bad_format');
});

test('whatever is sent, the answer is a key or one of two errors', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant(`${ID}:${SECRET}`));
  const header = fc.oneof(
    text,
    text.map((it) => `ApiKey ${it}`),
    fc.array(text),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(header, header, (own, authorization) => {
      try {
        expect(readCredentials({ 'x-api-key': own, authorization })).toEqual({ keyId: ID, secret: SECRET });
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(error).toMatchObject({ code: expect.stringMatching(/^api_key_(missing|bad_format)$/) });
      }
    }),
  );
});

test('an error never repeats what was sent', () => {
  expect(() => readCredentials({ 'x-api-key': 'my-real-secret' })).toThrow(/^(?!.*my-real-secret)/s);
});
