import type { Cache } from './cache.ts';
import type { RedisConnection } from './redis-connection.ts';

/** A cache that all replicas share. The connection is the caller's: closing the cache leaves it open. */
export function createRedisCache(redis: RedisConnection): Cache {
  return {
    scope: 'shared',
    async get(key) {
      const value = await redis.attempt((client) => client.get(key)).catch(() => null);
      return value ?? undefined;
    },
    async add(key, value, ttlMs) {
      const reply = await redis.attempt((client) => client.set(key, value, 'PX', ttlMs, 'NX')).catch(() => null);
      return reply === 'OK';
    },
    async set(key, value, ttlMs) {
      await redis.attempt((client) => client.set(key, value, 'PX', ttlMs));
    },
    ping: () => redis.ping(),
    async close() {},
  };
}
