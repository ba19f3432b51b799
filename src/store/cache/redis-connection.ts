import { Redis } from 'ioredis';
import { AppError } from '../../lib/errors.ts';

/** One connection to Redis (7 or newer), shared by the cache and the rate limiter. */
export interface RedisConnection {
  /**
   * Runs one command. A Redis that is away, or takes longer than `COMMAND_TIMEOUT_MS`, is `store_unavailable` at once:
   * commands never wait for it to come back.
   */
  attempt<T>(command: (client: Redis) => Promise<T>): Promise<T>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface RedisOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  readonly url: string;
  /** Called once when Redis goes away, not once a command. */
  readonly onOutage?: (error: Error) => void;
  readonly onRecovery?: () => void;
}

export const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS_MAX = 2_000;
const KEY_PREFIX = 'kubetally:';

/** Waits for the first connection for at most `CONNECT_TIMEOUT_MS`, then goes on without; it is tried again for ever. */
export async function openRedis(options: RedisOptions): Promise<RedisConnection> {
  const client = new Redis(options.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keyPrefix: KEY_PREFIX,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RETRY_MS_MAX),
  });
  const health = trackHealth(options);
  client.on('error', health.bad);
  client.on('ready', health.good);
  await client.connect().catch(health.bad);
  return {
    async attempt(command) {
      try {
        const reply = await command(client);
        health.good();
        return reply;
      } catch (error) {
        health.bad(error);
        throw new AppError('store_unavailable', 'Redis does not answer', { cause: error });
      }
    },
    async ping() {
      return client.ping().then(
        () => true,
        () => false,
      );
    },
    async close() {
      client.disconnect();
    },
  };
}

function trackHealth(options: RedisOptions) {
  let up = true;
  return {
    bad: (error: unknown) => {
      if (up) options.onOutage?.(error instanceof Error ? error : new Error(String(error)));
      up = false;
    },
    good: () => {
      if (!up) options.onRecovery?.();
      up = true;
    },
  };
}
