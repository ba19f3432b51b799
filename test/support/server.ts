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
import { keepAllocations } from '../../src/queries/kept-allocations.ts';
import { createAllocationQueries } from '../../src/queries/ledger-allocation-queries.ts';
import { createAssetQueries } from '../../src/queries/ledger-asset-queries.ts';
import { createEvidence } from '../../src/queries/ledger-evidence.ts';
import { createExplanations } from '../../src/queries/ledger-explain.ts';
import { createMetricQueries } from '../../src/queries/ledger-opencost-metrics.ts';
import { createRecommendationQueries } from '../../src/queries/ledger-recommendation-queries.ts';
import { createNodeQueries } from '../../src/queries/node-queries.ts';
import { createSourceQueries } from '../../src/queries/source-queries.ts';
import { createMemoryCache } from '../../src/store/cache/memory-cache.ts';
import { createRateLimiter } from '../../src/store/cache/rate-limiter.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { createSourceLog } from '../../src/store/relational/source-log.ts';
import { createUploads } from '../../src/store/relational/uploads.ts';
import type { SharedEngine } from './global-setup.ts';
import { openLedgerLab } from './ledger-lab.ts';

type App = Awaited<ReturnType<typeof createServer>>;

/** A server on real stores, with replies checked against their contracts. */
export interface TestServer {
  readonly app: App;
  readonly deps: ServerDeps;
  /** To see what a post left there. */
  readonly columnar: Columnar;
  /** Where it listens, on a free port of loopback. */
  readonly url: string;
  /** `key_id:secret` of an operator of the tenant it was made for. */
  readonly operator: string;
  tenant(): Promise<string>;
  /** Computes the hours that are due, until none is. */
  roll(): Promise<void>;
  key(tenantId: string, scopes: readonly Scope[], clusterName?: string): Promise<string>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly http?: NonNullable<ConfigInput['http']>;
  readonly uploads?: NonNullable<ConfigInput['uploads']>;
  readonly deps?: Partial<ServerDeps>;
  /** Another engine than the one that the run shares. */
  readonly engine?: SharedEngine;
}

export async function startTestServer({
  http = {},
  uploads = {},
  deps: given = {},
  engine,
}: TestServerOptions = {}): Promise<TestServer> {
  const clock = given.clock ?? systemClock;
  const lab = await openLedgerLab(clock, engine);
  const { columnar, relational } = lab;
  const cache = createMemoryCache(clock);
  const access = createAccess({ relational, cache, pepper: 'a pepper for tests alone', clock });
  const settings = ConfigSchema.parse({ uploads, http: { ...http, checkReplies: true } });
  const { perKeyPerMinute: perMinute, burst } = settings.http.rateLimit;
  const log = createLogger({ level: 'silent' });
  const [clusters, rates] = [createClusters(relational.db), createExchangeRates(relational.db)];
  const intake = createIntake({ columnar, clock, log, limits: { groupDelayMs: 5 } });
  const sourceLog = createSourceLog({ db: relational.db, clock, log });
  const deps: ServerDeps = {
    settings,
    version: '0.0.0-test',
    access,
    rateLimiter: createRateLimiter({ limits: { perMinute, burst }, clock }),
    anonymous: { uploads: async () => null },
    clusters,
    uploads: createUploads(relational.db),
    probes: {
      columnar: { engine: 'embedded', ping: () => columnar.ping() },
      relational: { engine: 'pglite', ping: () => relational.ping() },
      cache: { engine: 'memory', ping: () => cache.ping() },
    },
    freshAsOf: () => null,
    metrics: createMetrics(),
    clock,
    log,
    webFolder: '/nonexistent',
    intake,
    sourceLog,
    costs: lab.costs,
    allocations: keepAllocations(createAllocationQueries({ columnar, clusters, rates, clock }), clock),
    assets: createAssetQueries({ columnar, clusters, rates, clock }),
    clusterMetrics: createMetricQueries({ columnar, clock, prices: lab.prices }),
    evidence: createEvidence({ columnar, clusters, rates, clock }),
    explanations: createExplanations({ columnar, clusters, clock, prices: lab.prices }),
    nodes: createNodeQueries({ columnar, clusters, clock, podLabelKeys: settings.uploads.podLabelKeys }),
    recommendations: createRecommendationQueries({ columnar, clusters, clock }),
    sources: createSourceQueries({ columnar, clusters, sourceLog, clock, sourceOrder: settings.rollup.sourceOrder }),
    ...given,
  };
  const app = await createServer(deps);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { key } = await access.tenants.initialise({ tenantName: 'first' });
  return {
    app,
    deps,
    columnar,
    url,
    operator: `${key.keyId}:${key.secret}`,
    roll: () => lab.roll(),
    tenant: () => lab.tenant(),
    async key(tenantId, scopes, clusterName) {
      const issued = await access.keys.create(consolePrincipal(tenantId), { name: 'test', scopes, clusterName });
      return `${issued.keyId}:${issued.secret}`;
    },
    async close() {
      await app.close();
      await intake.close();
      await sourceLog.close();
      await lab.close();
    },
  };
}
