import type { Clock } from '../../lib/clock.ts';
import { createLru } from '../../lib/lru.ts';
import type { Cache } from './cache.ts';

const ENTRIES_MAX = 10_000;

/** A cache in this process: the `entriesMax` entries used last. */
export function createMemoryCache(clock: Clock, entriesMax = ENTRIES_MAX): Cache {
  const entries = createLru<{ value: string; until: number }>(entriesMax);
  const living = (key: string): string | undefined => {
    const entry = entries.get(key);
    if (entry && entry.until > clock.now()) return entry.value;
    entries.delete(key);
    return undefined;
  };
  const put = (key: string, value: string, ttlMs: number) => entries.set(key, { value, until: clock.now() + ttlMs });
  return {
    scope: 'process',
    async get(key) {
      return living(key);
    },
    async add(key, value, ttlMs) {
      if (living(key) !== undefined) return false;
      put(key, value, ttlMs);
      return true;
    },
    async set(key, value, ttlMs) {
      put(key, value, ttlMs);
    },
    async ping() {
      return true;
    },
    async close() {},
  };
}
