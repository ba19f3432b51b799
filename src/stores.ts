import { join } from 'node:path';
import type { Config } from './config/schema.ts';
import { type Engine, startEngine } from './engine/engine.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/log.ts';
import type { Cache } from './store/cache/cache.ts';
import { createMemoryCache } from './store/cache/memory-cache.ts';
import { createRedisCache } from './store/cache/redis-cache.ts';
import { openRedis, type RedisConnection } from './store/cache/redis-connection.ts';
import { type ClickHouseOptions, createClickHouse, createDatabase } from './store/columnar/clickhouse.ts';
import type { Columnar } from './store/columnar/columnar.ts';
import { migrateColumnar } from './store/columnar/migrate.ts';
import { migrate } from './store/relational/migrate.ts';
import { openPglite } from './store/relational/pglite-engine.ts';
import { openPostgres } from './store/relational/postgres-engine.ts';
import type { Relational } from './store/relational/relational.ts';

/** What everything in the product is made with. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
}

/** The relational store of a configuration, brought to this program's version; `applied` are the migrations that it took. */
export async function openRelational({
  relational,
  dataDir,
}: Config): Promise<{ store: Relational; applied: number[] }> {
  const store =
    relational.engine === 'postgres'
      ? openPostgres({ url: relational.url.reveal() })
      : await openPglite({ folder: join(dataDir, 'relational') });
  try {
    return { store, applied: [...(await migrate(store))] };
  } catch (error) {
    await store.close();
    throw error;
  }
}

export interface OpenColumnar {
  readonly columnar: Columnar;
  /** The embedded engine, where that is the one. */
  readonly engine: Engine | undefined;
  readonly applied: number[];
  close(): Promise<void>;
}

const EMBEDDED_DATABASE = 'kubetally';

/** The columnar store of a configuration, brought to this program's version. */
export async function openColumnar(config: Config, { log }: Pick<Surroundings, 'log'>): Promise<OpenColumnar> {
  await using stack = new AsyncDisposableStack();
  const engine = config.columnar.engine === 'embedded' ? await startEmbedded(config, config.columnar, log) : undefined;
  if (engine) stack.defer(() => engine.close());
  const options = connectionOf(config, engine);
  await createDatabase(options);
  const columnar = createClickHouse(options);
  stack.defer(() => columnar.close());
  const applied = await migrateColumnar(columnar);
  const opened = stack.move();
  return { columnar, engine, applied, close: () => opened.disposeAsync() };
}

function startEmbedded(
  config: Config,
  columnar: Config['columnar'] & { engine: 'embedded' },
  log: Logger,
): Promise<Engine> {
  return startEngine({
    dataDir: join(config.dataDir, 'columnar'),
    listenPort: columnar.port,
    dashboardPassword: columnar.dashboardPassword?.reveal(),
    limits: { memoryBytesMax: columnar.memoryBytesMax },
    log,
  });
}

function connectionOf({ columnar }: Config, engine: Engine | undefined): ClickHouseOptions {
  if (columnar.engine === 'clickhouse') {
    const { url, user, password, database } = columnar;
    return { url, user, password: password?.reveal() ?? '', database };
  }
  if (!engine) throw new Error('the embedded engine was not started');
  return { url: engine.url, user: engine.user, password: engine.password, database: EMBEDDED_DATABASE };
}

export interface OpenCache {
  readonly cache: Cache;
  /** For the rate limiter, where replicas share one. */
  readonly redis: RedisConnection | undefined;
  close(): Promise<void>;
}

/** A Redis that is away does not stop anything: the cache has nothing, and is told of once. */
export async function openCache({ cache }: Config, { clock, log }: Surroundings): Promise<OpenCache> {
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
