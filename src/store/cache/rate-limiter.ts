import { type Clock, SECOND_MS } from '../../lib/clock.ts';
import { createLru } from '../../lib/lru.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * A token bucket per key: `burst` at once, `perMinute` in the long run. Over any stretch of time a key is allowed at most
 * `burst` plus what that time refills.
 */
export interface RateLimiter {
  take(key: string): Promise<RateDecision>;
}

export interface RateDecision {
  readonly allowed: boolean;
  /** The size of the bucket. */
  readonly limit: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the bucket is full again, rounded up. */
  readonly resetSeconds: number;
  /** Until one more is allowed, rounded up; 0 when there are tokens left. */
  readonly retryAfterSeconds: number;
}

export interface RateLimits {
  readonly perMinute: number;
  readonly burst: number;
}

/** How many keys one process remembers. A forgotten key starts with a full bucket. */
const BUCKETS_MAX = 50_000;

/** Counts in this process; with Redis, for all replicas together. While Redis is away each replica counts for itself. */
export function createRateLimiter(options: { limits: RateLimits; clock: Clock; redis?: RedisConnection }): RateLimiter {
  const { limits, clock, redis } = options;
  const local = createLocalLimiter(limits, clock);
  if (!redis) return { take: async (key) => local(key) };
  return {
    async take(key) {
      try {
        return await takeFromRedis(redis, key, limits);
      } catch {
        return local(key); // the connection has told of the outage
      }
    },
  };
}

function createLocalLimiter(limits: RateLimits, clock: Clock): (key: string) => RateDecision {
  const buckets = createLru<{ tokens: number; at: number }>(BUCKETS_MAX);
  return (key) => {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: limits.burst, at: now };
    const elapsedMs = Math.max(0, now - bucket.at); // a clock set back refills nothing
    const tokens = Math.min(limits.burst, bucket.tokens + elapsedMs * tokensPerMs(limits));
    const allowed = tokens >= 1;
    const left = allowed ? tokens - 1 : tokens;
    buckets.set(key, { tokens: left, at: Math.max(now, bucket.at) });
    return decision(allowed, left, limits);
  };
}

/** The same arithmetic, run by Redis: atomic, and by the one clock that all replicas share. */
const TAKE_SCRIPT = `
local burst, per_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * per_ms)
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / per_ms) + 1000)
return {allowed and 1 or 0, string.format('%.17g', tokens)}
`;

async function takeFromRedis(redis: RedisConnection, key: string, limits: RateLimits): Promise<RateDecision> {
  const reply = await redis.attempt((client) =>
    client.eval(TAKE_SCRIPT, 1, `rate:${key}`, limits.burst, tokensPerMs(limits)),
  );
  const [allowed, tokens] = Array.isArray(reply) ? reply : [];
  return decision(allowed === 1, Number(tokens), limits);
}

function decision(allowed: boolean, tokens: number, limits: RateLimits): RateDecision {
  const secondsFor = (missing: number) => Math.ceil(Math.max(0, missing) / tokensPerMs(limits) / SECOND_MS);
  return {
    allowed,
    limit: limits.burst,
    remaining: Math.floor(tokens),
    resetSeconds: secondsFor(limits.burst - tokens),
    retryAfterSeconds: secondsFor(1 - tokens),
  };
}

function tokensPerMs(limits: RateLimits): number {
  return limits.perMinute / 60_000;
}
