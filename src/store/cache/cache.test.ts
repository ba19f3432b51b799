import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findRedis, startRedis, type TestRedis } from '../../../test/support/redis.ts';
import { cacheConformance } from './cache.conformance.ts';
import { createMemoryCache } from './memory-cache.ts';
import { createRedisCache } from './redis-cache.ts';
import { openRedis, type RedisConnection } from './redis-connection.ts';

let now = 0;
const clock = { now: () => now };
const pass = (ms: number) => {
  now += ms;
};

cacheConformance('memory', async () => createMemoryCache(clock), pass);

test('the memory cache is bounded: it forgets what was used longest ago', async () => {
  const cache = createMemoryCache(clock, 2);
  for (const key of ['a', 'b', 'c']) await cache.set(key, key, 1_000);
  expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual([undefined, 'b', 'c']);
});

const program = await findRedis();
describe.skipIf(program === undefined)('Redis', () => {
  let server: TestRedis;
  let connection: RedisConnection;
  beforeAll(async () => {
    server = await startRedis(program ?? '');
    connection = await openRedis({ url: server.url });
  });
  afterAll(async () => {
    await connection.close();
    await server.end();
  });

  cacheConformance(
    'Redis',
    async () => createRedisCache(connection),
    () => {},
  );

  test('what one replica keeps every replica sees', async () => {
    const other = await openRedis({ url: server.url });
    await createRedisCache(connection).set('shared', 'yes', 60_000);
    expect(await createRedisCache(other).get('shared')).toBe('yes');
    await other.close();
  });
});

describe.skipIf(program === undefined)('Redis going away', () => {
  test('reads find nothing, `set` says so, the outage is told once, and all is well when it is back', async () => {
    const first = await startRedis(program ?? '');
    const told: string[] = [];
    const connection = await openRedis({
      url: first.url,
      onOutage: () => told.push('outage'),
      onRecovery: () => told.push('recovery'),
    });
    const cache = createRedisCache(connection);
    await cache.set('key', 'value', 60_000);
    await first.end();

    const started = performance.now();
    expect(await cache.get('key')).toBeUndefined();
    expect(await cache.add('key', 'value', 60_000)).toBe(false);
    await expect(cache.set('key', 'value', 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await cache.ping()).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(told).toEqual(['outage']);

    const second = await startRedis(program ?? '', first.port);
    await vi.waitFor(async () => expect(await cache.ping()).toBe(true), { timeout: 10_000 });
    expect(told).toEqual(['outage', 'recovery']);
    await connection.close();
    await second.end();
  });

  test('a Redis that is not there at the start is used once it is', async () => {
    const gone = await startRedis(program ?? '');
    await gone.end();
    const told: string[] = [];
    const connection = await openRedis({ url: gone.url, onOutage: (error) => told.push(error.name) });
    const cache = createRedisCache(connection);
    expect(await cache.get('key')).toBeUndefined();
    expect(told).toHaveLength(1);
    const late = await startRedis(program ?? '', gone.port);
    await vi.waitFor(() => cache.set('key', 'value', 60_000), { timeout: 10_000 });
    expect(await cache.get('key')).toBe('value');
    await connection.close();
    await late.end();
  });
});
