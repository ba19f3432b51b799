import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { below, distinctSuffix, hashText, mix, nameSuffix, uuid } from './hash.ts';

test('hashes are the same for ever: fleets of a seed are compared across versions', () => {
  expect([hashText(''), hashText('kubetally'), hashText('kubetally', 1)]).toEqual([2872998923, 884547673, 1055506721]);
  expect([mix(1, 2), mix(1, 2 + 2 ** 40)]).toEqual([232174035, 4203105119]);
});

test('numbers below a bound are below it, and spread over all of it', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, bound) => {
      const value = below(mix(seed, 7), bound);
      expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
    }),
  );
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i++) {
    const bucket = below(mix(42, i), 10);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1_150);
});

test('a distinct suffix is shared by no other number before the alphabet is used up', () => {
  const base = mix(3, 4);
  expect(new Set(Array.from({ length: 27 ** 2 }, (_, i) => distinctSuffix(base + i, 2))).size).toBe(27 ** 2);
  expect(new Set(Array.from({ length: 27 ** 3 }, (_, i) => distinctSuffix(i - base, 3))).size).toBe(27 ** 3);
});

test('names use the letters that Kubernetes uses, and identities are UUIDs', () => {
  expect(nameSuffix(1, 10)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  expect(nameSuffix(1, 10)).not.toBe(nameSuffix(2, 10));
  const ids = Array.from({ length: 1_000 }, (_, i) => uuid(mix(1, i), mix(2, i)));
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuid(1, 2)).not.toBe(uuid(2, 1));
});
