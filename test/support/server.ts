import { createAccess } from '../../src/access/access.ts';
import { consolePrincipal } from '../../src/access/principal.ts';
import { type ConfigInput, ConfigSchema } from '../../src/config/schema.ts';
import type { Scope } from '../../src/contracts/fields.ts';
import type { ServerDeps } from '../../src/http/dependencies.ts';
import { createServer } from '../../src/http/server.ts';
import { createIntake } from '../../src/intake/group-commit.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { createCostQueries } from '../../src/queries/ledger-cost-queries.ts';
import { createMemoryCache } from '../../src/store/cache/memory-cache.ts';
import { createRateLimiter } from '../../src/store/cache/rate-limiter.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createTenants } from '../../src/store/relational/tenants.ts';
import { testDatabase } from './engine.ts';
import { testRelational } from './relational.ts';

type App = Awaited<ReturnType<typeof createServer>>;

/** A server on real stores, with replies checked against their contracts. */
export interface TestServer {
  readonly app: App;
  readonly deps: ServerDeps;
  /** Where it listens, on a free port of loopback. */
  readonly url: string;
  /** `key_id:secret` of an operator of the tenant it was made for. */
  readonly operator: string;
  tenant(): Promise<string>;
  key(tenantId: string, scopes: readonly Scope[], clusterName?: string): Promise<string>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly http?: NonNullable<ConfigInput['http']>;
  readonly deps?: Partial<ServerDeps>;
}

export async function startTestServer({ http = {}, deps: given = {} }: TestServerOptions = {}): Promise<TestServer> {
  const clock = given.clock ?? systemClock;
  const { columnar, close: closeDatabase } = await testDatabase();
  const relational = await testRelational();
  const cache = createMemoryCache(clock);
  const access = createAccess({ relational, cache, pepper: 'a pepper for tests alone', clock });
  const settings = ConfigSchema.parse({ http: { ...http, checkReplies: true } });
  const { perKeyPerMinute: perMinute, burst } = settings.http.rateLimit;
  const log = createLogger({ level: 'silent' });
  const clusters = createClusters(relational.db);
  const deps: ServerDeps = {
    settings,
    version: '0.0.0-test',
    access,
    rateLimiter: createRateLimiter({ limits: { perMinute, burst }, clock }),
    clusters,
    probes: {
      columnar: { engine: 'embedded', ping: async () => true },
      relational: { engine: 'pglite', ping: () => relational.ping() },
      cache: { engine: 'memory', ping: () => cache.ping() },
    },
    metrics: createMetrics(),
    clock,
    log,
    webFolder: '/nonexistent',
    intake: createIntake({ columnar, clock, log, limits: { groupDelayMs: 5 } }),
    costs: createCostQueries({ columnar, clusters, clock }),
    ...given,
  };
  const app = await createServer(deps);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { key } = await access.tenants.initialise({ tenantName: 'first' });
  return {
    app,
    deps,
    url,
    operator: `${key.keyId}:${key.secret}`,
    tenant: async () => (await createTenants(relational.db).create(`tenant ${crypto.randomUUID()}`, clock.now())).id,
    async key(tenantId, scopes, clusterName) {
      const issued = await access.keys.create(consolePrincipal(tenantId), { name: 'test', scopes, clusterName });
      return `${issued.keyId}:${issued.secret}`;
    },
    async close() {
      await app.close();
      await relational.close();
      await closeDatabase();
    },
  };
}
