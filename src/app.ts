import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Access, createAccess } from './access/access.ts';
import { createAnonymousUploader } from './access/anonymous.ts';
import type { Administration, LocalCosts, RunningServer } from './cli/deps.ts';
import { openPepper } from './config/pepper.ts';
import type { Config } from './config/schema.ts';
import type { DemoServer } from './demo/demo.ts';
import { createServer } from './http/server.ts';
import { createIntake } from './intake/group-commit.ts';
import type { Intake } from './intake/intake.ts';
import { createIntakeMetrics } from './intake/intake-metrics.ts';
import { createKubernetesJob } from './jobs/kubernetes-job.ts';
import { startLeasedLoop } from './jobs/leased-loop.ts';
import { createLedgerJob } from './jobs/ledger-job.ts';
import { createLedgerMetrics } from './jobs/ledger-metrics.ts';
import { createPullJob } from './jobs/pull-job.ts';
import { createPullMetrics } from './jobs/pull-metrics.ts';
import { MINUTE_MS, SECOND_MS } from './lib/clock.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { pullsOf } from './pulls.ts';
import { keepAllocations } from './queries/kept-allocations.ts';
import { createAllocationQueries } from './queries/ledger-allocation-queries.ts';
import { createAssetQueries } from './queries/ledger-asset-queries.ts';
import { createCostQueries } from './queries/ledger-cost-queries.ts';
import { createEvidence } from './queries/ledger-evidence.ts';
import { createExplanations } from './queries/ledger-explain.ts';
import { createMetricQueries } from './queries/ledger-opencost-metrics.ts';
import { createRecommendationQueries } from './queries/ledger-recommendation-queries.ts';
import { createNodeQueries } from './queries/node-queries.ts';
import { createSourceQueries } from './queries/source-queries.ts';
import { createKubernetesApi } from './sources/kubernetes/api.ts';
import { createWatchMetrics } from './sources/kubernetes/observer.ts';
import type { Cache } from './store/cache/cache.ts';
import { createRateLimiter } from './store/cache/rate-limiter.ts';
import type { Columnar } from './store/columnar/columnar.ts';
import { createClusterDirectory } from './store/relational/cluster-directory.ts';
import { createClusters } from './store/relational/clusters.ts';
import { createExchangeRates } from './store/relational/exchange-rates.ts';
import { createJobState } from './store/relational/job-state.ts';
import { createLeases } from './store/relational/leases.ts';
import { createPriceVersions } from './store/relational/price-versions.ts';
import type { Relational } from './store/relational/relational.ts';
import { createSourceLog, type SourceLog } from './store/relational/source-log.ts';
import { createTenants } from './store/relational/tenants.ts';
import { createUploads } from './store/relational/uploads.ts';
import { openCache, openColumnar, openRelational, type Surroundings } from './stores.ts';

/** The composition root: the only file that knows every room. Each `open…` closes what it opened when it fails half-way. */

export interface App extends RunningServer, DemoServer {
  /** The embedded engine's process, where there is one. */
  readonly enginePid: number | undefined;
}

/** The built page stands beside the program's own folder, whether that is `src` or `dist`. */
const WEB_FOLDER = fileURLToPath(new URL('../web/dist', import.meta.url));

/** Opens the stores, starts the ledger's job and answers requests. */
export async function openApp(config: Config, surroundings: Surroundings): Promise<App> {
  const { clock, log } = surroundings;
  await using stack = new AsyncDisposableStack();
  const { store: relational } = stack.adopt(await openRelational(config), ({ store }) => store.close());
  const { columnar, engine } = stack.adopt(await openColumnar(config, surroundings), (opened) => opened.close());
  const { cache, redis } = stack.adopt(await openCache(config, surroundings), (opened) => opened.close());
  const access = await accessOf(config, { relational, cache }, surroundings);
  const metrics = createMetrics();

  const ledger = startLedger(config, { relational, columnar, metrics }, surroundings);
  stack.defer(() => ledger.stop());
  const observe = createIntakeMetrics(metrics);
  const intake = createIntake({ columnar, clock, log, limits: config.intake, observe });
  stack.defer(() => intake.close());

  const sourceLog = createSourceLog({ db: relational.db, clock, log });
  stack.defer(() => sourceLog.close());

  const [clusters, rates] = [createClusters(relational.db), createExchangeRates(relational.db)];
  const { perKeyPerMinute: perMinute, burst } = config.http.rateLimit;
  const pulls = startPulls(config, { relational, intake, sourceLog, metrics }, surroundings);
  stack.defer(() => pulls.stop());
  const watch = startWatch(config, { relational, intake, sourceLog, metrics }, surroundings);
  if (watch) stack.defer(() => watch.stop());
  const server = await createServer({
    settings: config,
    version: programVersion(),
    access,
    rateLimiter: createRateLimiter({ limits: { perMinute, burst }, clock, ...(redis ? { redis } : {}) }),
    anonymous: { uploads: anonymousUploader(config, relational) },
    clusters,
    intake,
    uploads: createUploads(relational.db),
    sourceLog,
    costs: createCostQueries({ columnar, clusters, rates, clock }),
    allocations: keepAllocations(createAllocationQueries({ columnar, clusters, rates, clock }), clock),
    assets: createAssetQueries({ columnar, clusters, rates, clock }),
    clusterMetrics: createMetricQueries({ columnar, clock, prices: createPriceVersions(relational.db) }),
    evidence: createEvidence({ columnar, clusters, rates, clock }),
    explanations: createExplanations({ columnar, clusters, clock, prices: createPriceVersions(relational.db) }),
    nodes: createNodeQueries({ columnar, clusters, clock, podLabelKeys: config.uploads.podLabelKeys }),
    recommendations: createRecommendationQueries({ columnar, clusters, clock }),
    sources: createSourceQueries({ columnar, clusters, sourceLog, clock, sourceOrder: config.rollup.sourceOrder }),
    probes: {
      columnar: { engine: config.columnar.engine, ping: () => columnar.ping() },
      relational: { engine: config.relational.engine, ping: () => relational.ping() },
      cache: { engine: config.cache.engine, ping: () => cache.ping() },
    },
    ...(watch ? { watches: watch.state } : {}),
    freshAsOf: ledger.freshAsOf,
    metrics,
    clock,
    log,
    webFolder: WEB_FOLDER,
  });
  stack.defer(() => server.close());
  const url = await server.listen({ host: config.http.host, port: config.http.port });
  const opened = stack.move();
  return { url, access, freshAsOf: ledger.freshAsOf, enginePid: engine?.pid, close: () => opened.disposeAsync() };
}

function anonymousUploader({ uploads: { anonymousTenant } }: Config, { db }: Relational) {
  return createAnonymousUploader(anonymousTenant, (name) => createTenants(db).getByName(name));
}

interface LedgerStores {
  readonly relational: Relational;
  readonly columnar: Columnar;
  readonly metrics: Metrics;
}

function startLedger(config: Config, { relational, columnar, metrics }: LedgerStores, { clock, log }: Surroundings) {
  const observe = createLedgerMetrics(metrics, clock);
  const job = createLedgerJob({
    columnar,
    prices: createPriceVersions(relational.db),
    jobState: createJobState(relational.db),
    options: { sourceOrder: config.rollup.sourceOrder, holdMinMs: config.rollup.holdMinutesMin * MINUTE_MS },
    retention: config.retention,
    intervalMs: config.rollup.intervalMs,
    clock,
    log,
    observe,
  });
  const loop = startLeasedLoop({ leases: createLeases(relational.db), holder: randomUUID(), log }, job);
  return { stop: () => loop.stop(), freshAsOf: () => observe.freshAsOf() };
}

interface PullStores {
  readonly relational: Relational;
  readonly intake: Intake;
  readonly sourceLog: SourceLog;
  readonly metrics: Metrics;
}

/** One loop for each upstream: each has a lease of its own, so that replicas share them. */
function startPulls(
  config: Config,
  { relational, intake, sourceLog, metrics }: PullStores,
  { clock, log }: Surroundings,
) {
  const deps = {
    intake,
    sourceLog,
    tenants: createTenants(relational.db),
    clusters: createClusterDirectory({ clusters: createClusters(relational.db), clock }),
    jobState: createJobState(relational.db),
    clock,
    log,
    observe: createPullMetrics(metrics),
  };
  const loop = { leases: createLeases(relational.db), holder: randomUUID(), log };
  const loops = pullsOf(config, clock).map((pull) => startLeasedLoop(loop, createPullJob(pull, deps)));
  return {
    stop: async () => {
      await Promise.all(loops.map((one) => one.stop()));
    },
  };
}

/** Nothing, where no Kubernetes API is to be watched. */
function startWatch(
  { kubernetes, intake: { clusterNameDefault }, debugKubernetesApi }: Config,
  { relational, intake, sourceLog, metrics }: PullStores,
  { clock, log }: Surroundings,
) {
  if (!kubernetes.enabled) return undefined;
  const { tenant, cluster: clusterDefault = clusterNameDefault } = kubernetes;
  const job = createKubernetesJob(
    { tenant, clusterDefault },
    {
      api: createKubernetesApi({ credentials: kubernetes, ...(debugKubernetesApi ? { debug: log } : {}) }),
      intake,
      sourceLog,
      tenants: createTenants(relational.db),
      clusters: createClusterDirectory({ clusters: createClusters(relational.db), clock }),
      clock,
      log,
      observe: createWatchMetrics(metrics),
    },
  );
  const loop = startLeasedLoop({ leases: createLeases(relational.db), holder: randomUUID(), log }, job);
  return { stop: () => loop.stop(), state: () => job.state() };
}

/** Tenants and keys at the console. */
export async function openAdministration(config: Config, surroundings: Surroundings): Promise<Administration> {
  await using stack = new AsyncDisposableStack();
  const { store: relational } = stack.adopt(await openRelational(config), ({ store }) => store.close());
  const { cache } = stack.adopt(await openCache(config, surroundings), (opened) => opened.close());
  const { tenants, keys } = await accessOf(config, { relational, cache }, surroundings);
  const opened = stack.move();
  return {
    tenants,
    keys,
    findTenant: (name) => createTenants(relational.db).getByName(name),
    close: () => opened.disposeAsync(),
  };
}

/** The stores of this machine, to ask about costs and nodes: nothing is served and nothing computed. */
export async function openCosts(config: Config, surroundings: Surroundings): Promise<LocalCosts> {
  await using stack = new AsyncDisposableStack();
  const { store: relational } = stack.adopt(await openRelational(config), ({ store }) => store.close());
  const { columnar } = stack.adopt(await openColumnar(config, surroundings), (opened) => opened.close());
  const clusters = createClusters(relational.db);
  const { clock } = surroundings;
  const opened = stack.move();
  return {
    costs: createCostQueries({ columnar, clusters, rates: createExchangeRates(relational.db), clock }),
    nodes: createNodeQueries({ columnar, clusters, clock, podLabelKeys: config.uploads.podLabelKeys }),
    findTenant: (name) => createTenants(relational.db).getByName(name),
    close: () => opened.disposeAsync(),
  };
}

/** Brings both stores to this program's version, and says what that took. */
export async function migrateStores(config: Config, surroundings: Surroundings) {
  const relational = await openRelational(config);
  await relational.store.close();
  const columnar = await openColumnar(config, surroundings);
  await columnar.close();
  return { relational: relational.applied, columnar: columnar.applied };
}

async function accessOf(
  config: Config,
  { relational, cache }: { relational: Relational; cache: Cache },
  { clock }: Surroundings,
): Promise<Access> {
  const pepper = await openPepper(config);
  return createAccess({ relational, cache, pepper, clock, cachedMsMax: config.keys.cacheSeconds * SECOND_MS });
}

function programVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
