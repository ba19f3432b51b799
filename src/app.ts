import { join } from 'node:path';
import { createAccess } from './access/access.ts';
import type { Administration } from './cli/deps.ts';
import { openPepper } from './config/pepper.ts';
import type { Config } from './config/schema.ts';
import { type Clock, SECOND_MS } from './lib/clock.ts';
import type { Logger } from './lib/log.ts';
import type { Cache } from './store/cache/cache.ts';
import { createMemoryCache } from './store/cache/memory-cache.ts';
import { createRedisCache } from './store/cache/redis-cache.ts';
import { openRedis, type RedisConnection } from './store/cache/redis-connection.ts';
import { migrate } from './store/relational/migrate.ts';
import { openPglite } from './store/relational/pglite-engine.ts';
import { openPostgres } from './store/relational/postgres-engine.ts';
import type { Relational } from './store/relational/relational.ts';
import { createTenants } from './store/relational/tenants.ts';

/** What everything here is made with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

/** The relational store of a configuration, not migrated yet. */
export async function openRelationalOf({ relational, dataDir }: Config): Promise<Relational> {
  if (relational.engine === 'postgres') return openPostgres({ url: relational.url.reveal() });
  return openPglite({ folder: join(dataDir, 'relational') });
}

export interface OpenCache {
  readonly cache: Cache;
  /** For the rate limiter, where replicas share one. */
  readonly redis: RedisConnection | undefined;
  close(): Promise<void>;
}

/** A Redis that is away does not stop anything: the cache has nothing, and is told of once. */
export async function openCacheOf({ cache }: Config, { clock, log }: Surroundings): Promise<OpenCache> {
  if (cache.engine === 'memory') {
    const memory = createMemoryCache(clock);
    return { cache: memory, redis: undefined, close: () => memory.close() };
  }
  const redis = await openRedis({
    url: cache.url.reveal(),
    onOutage: (error) => log.warn({ error }, 'Redis is away: keys are looked up, rates counted in this process'),
    onRecovery: () => log.info('Redis is back'),
  });
  return { cache: createRedisCache(redis), redis, close: () => redis.close() };
}

/** Tenants and keys at the console, in stores that are migrated first. */
export async function openAdministration(config: Config, surroundings: Surroundings): Promise<Administration> {
  await using stack = new AsyncDisposableStack();
  const relational = stack.adopt(await openRelationalOf(config), (store) => store.close());
  await migrate(relational);
  const { cache } = stack.adopt(await openCacheOf(config, surroundings), (opened) => opened.close());
  const pepper = await openPepper(config);
  const cachedMsMax = config.keys.cacheSeconds * SECOND_MS;
  const { tenants, keys } = createAccess({ relational, cache, pepper, clock: surroundings.clock, cachedMsMax });
  const opened = stack.move();
  return {
    tenants,
    keys,
    findTenant: (name) => createTenants(relational.db).getByName(name),
    close: () => opened.disposeAsync(),
  };
}
