import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cache } from './cache.ts';

const LONG_MS = 60_000;

/** The one suite that every cache passes. `pass` moves the clock of a cache that has one; for others time passes by itself. */
export function cacheConformance(name: string, open: () => Promise<Cache>, pass: (ms: number) => void): void {
  describe(`cache: ${name}`, () => {
    let cache: Cache;
    beforeAll(async () => {
      cache = await open();
    });
    afterAll(() => cache.close());

    test('what was never put there is not there', async () => {
      expect(await cache.get('nothing')).toBeUndefined();
    });

    test.each(['', 'text', '{"a":1}', 'ünïcode ✓ 😀', 'a\u0000b\r\nc', 'x'.repeat(100_000)])(
      'keeps %j unchanged',
      async (value) => {
        await cache.set('value', value, LONG_MS);
        expect(await cache.get('value')).toBe(value);
      },
    );

    test('add never replaces, set always does', async () => {
      expect(await cache.add('key', 'first', LONG_MS)).toBe(true);
      expect(await cache.add('key', 'second', LONG_MS)).toBe(false);
      expect(await cache.get('key')).toBe('first');
      await cache.set('key', 'third', LONG_MS);
      expect(await cache.get('key')).toBe('third');
      expect(await cache.add('key', 'fourth', LONG_MS)).toBe(false);
    });

    test('of many who add at once one does', async () => {
      const added = await Promise.all(Array.from({ length: 50 }, (_, i) => cache.add('contested', `${i}`, LONG_MS)));
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await cache.get('contested')).toBe(String(added.indexOf(true)));
    });

    test('nothing outlives its time', async () => {
      await cache.set('brief', 'x', 50);
      expect(await cache.get('brief')).toBe('x');
      pass(50);
      await vi.waitFor(async () => expect(await cache.get('brief')).toBeUndefined());
      expect(await cache.add('brief', 'y', LONG_MS)).toBe(true);
    });
  });
}
