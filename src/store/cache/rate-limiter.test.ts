import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findRedis, startRedis, type TestRedis } from '../../../test/support/redis.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { openRedis } from './redis-connection.ts';

const STILL = { now: () => 0 };

test('over any stretch of time a key is allowed at most the burst and what that time refills', async () => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 5_000 }), key: fc.constantFrom('a', 'b') });
  const limits = fc.record({ perMinute: fc.integer({ min: 1, max: 600 }), burst: fc.integer({ min: 1, max: 20 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), limits, async (steps, { perMinute, burst }) => {
      let now = 1_000_000;
      const limiter = createRateLimiter({ limits: { perMinute, burst }, clock: { now: () => now } });
      const allowedAt: number[] = [];
      for (const { waitMs, key } of steps) {
        now += waitMs;
        const { allowed } = await limiter.take(key);
        if (allowed && key === 'a') allowedAt.push(now);
      }
      for (const [i, from] of allowedAt.entries()) {
        for (const [j, to] of allowedAt.entries()) {
          const most = burst + ((to - from) * perMinute) / 60_000 + 1e-6;
          if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(most);
        }
      }
    }),
  );
});

test('the answer says what is left and when more comes', async () => {
  let now = 0;
  const limiter = createRateLimiter({ limits: { perMinute: 60, burst: 2 }, clock: { now: () => now } });
  const f = async (at: number, allowed: boolean, rest: [remaining: number, reset: number, retryAfter: number]) => {
    now = at;
    const [remaining, resetSeconds, retryAfterSeconds] = rest;
    const want = { allowed, limit: 2, remaining, resetSeconds, retryAfterSeconds };
    expect(await limiter.take('key'), `at ${at}`).toEqual(want);
  };
  await f(0, true, [1, 1, 0]);
  await f(0, true, [0, 2, 1]);
  await f(0, false, [0, 2, 1]);
  await f(999, false, [0, 2, 1]);
  await f(1_000, true, [0, 2, 1]);
  await f(60_000, true, [1, 1, 0]);
  await f(0, true, [0, 2, 1]); // a clock set back refills nothing
  await f(0, false, [0, 2, 1]);
});

const program = await findRedis();
describe.skipIf(program === undefined)('with Redis', () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis(program ?? '');
  });
  afterAll(() => server.end());

  test('replicas share one bucket, also when they all ask at once', async () => {
    const connections = await Promise.all([1, 2, 3].map(() => openRedis({ url: server.url })));
    const limits = { perMinute: 1, burst: 30 };
    const limiters = connections.map((redis) => createRateLimiter({ limits, clock: STILL, redis }));
    const asked = limiters.flatMap((limiter) => Array.from({ length: 40 }, () => limiter.take('key')));
    const allowed = (await Promise.all(asked)).filter((it) => it.allowed);
    expect(allowed).toHaveLength(30);
    expect(await limiters[0]?.take('key')).toMatchObject({ allowed: false, remaining: 0, limit: 30 });
    expect(await limiters[0]?.take('another key')).toMatchObject({ allowed: true, remaining: 29 });
    await Promise.all(connections.map((it) => it.close()));
  });

  test('an empty bucket fills again', async () => {
    const redis = await openRedis({ url: server.url });
    const limiter = createRateLimiter({ limits: { perMinute: 1_200, burst: 1 }, clock: STILL, redis });
    expect(await limiter.take('refilled')).toMatchObject({ allowed: true });
    await vi.waitFor(async () => expect(await limiter.take('refilled')).toMatchObject({ allowed: true }));
    await redis.close();
  });

  test('while Redis is away each replica counts for itself', async () => {
    const mortal = await startRedis(program ?? '');
    const redis = await openRedis({ url: mortal.url });
    const limiter = createRateLimiter({ limits: { perMinute: 1, burst: 1 }, clock: STILL, redis });
    await mortal.end();
    expect(await limiter.take('key')).toMatchObject({ allowed: true });
    expect(await limiter.take('key')).toMatchObject({ allowed: false, retryAfterSeconds: 60 });
    await redis.close();
  });
});
