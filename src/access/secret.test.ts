import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkedPepper, createSecret, matchesSecret } from './secret.ts';

const PEPPER = 'a pepper of some length';

test('a secret is 32 bytes in base64url, and stored as a salted HMAC', () => {
  const { secret, salt, secretHash } = createSecret(PEPPER);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(salt).toHaveLength(16);
  const message = Buffer.concat([salt, Buffer.from(secret)]);
  expect(Buffer.from(secretHash)).toEqual(createHmac('sha256', PEPPER).update(message).digest());
});

test('only the very secret matches, and only with the same pepper and salt', () => {
  const stored = createSecret(PEPPER);
  expect(matchesSecret(PEPPER, stored, stored.secret)).toBe(true);
  expect(matchesSecret('another pepper altogether', stored, stored.secret)).toBe(false);
  expect(matchesSecret(PEPPER, { ...stored, salt: createSecret(PEPPER).salt }, stored.secret)).toBe(false);
  for (const wrong of ['', stored.secret.slice(1), `${stored.secret}a`, createSecret(PEPPER).secret]) {
    expect(matchesSecret(PEPPER, stored, wrong)).toBe(false);
  }
});

test('a pepper too short to protect anything is refused', () => {
  expect(() => checkedPepper('short')).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
