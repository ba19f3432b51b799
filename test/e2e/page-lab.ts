import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createAccess } from '../../src/access/access.ts';
import { consolePrincipal } from '../../src/access/principal.ts';
import type { NamespaceCosts, Trends } from '../../src/contracts/costs.ts';
import { ratesOf } from '../../src/core/price-rates.ts';
import type { SampleBatch } from '../../src/core/samples.ts';
import { HOUR_MS, hourStart, MINUTE_MS, systemClock } from '../../src/lib/clock.ts';
import { parseMoney } from '../../src/lib/money.ts';
import { createMemoryCache } from '../../src/store/cache/memory-cache.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { startTestServer } from '../support/server.ts';

const WEB_FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url));
const GIB = 1024 ** 3;
/** CPU is counted in nanocores. */
const CORE = 1e9;
const SAMPLE_EVERY_MS = 5 * MINUTE_MS;
const HOURS = 12;
/** Ages of hours that nobody reported, counted back from the last full one. */
const SILENT_HOURS: ReadonlySet<number> = new Set([4, 5, 6]);

interface Window {
  readonly start: number;
  readonly end: number;
}

/** The page on a real server over a ledger that holds half a day of one small cluster, with three hours missing. */
export interface PageLab {
  readonly url: string;
  /** May read costs. */
  readonly key: string;
  readonly clusterName: string;
  /** What the ledger answers for a window, to hold the page to. */
  namespaceCosts(window: Window): Promise<NamespaceCosts>;
  hourlyTrend(window: Window): Promise<Trends>;
  close(): Promise<void>;
}

/** Throws where the page is not built. */
export async function openPageLab(): Promise<PageLab> {
  if (!existsSync(`${WEB_FOLDER}/index.html`)) throw new Error('cannot test the page: run "npm run build" first');
  const lab = await openLedgerLab();
  const access = createAccess({
    relational: lab.relational,
    cache: createMemoryCache(systemClock),
    pepper: 'a pepper for tests alone',
    clock: systemClock,
  });
  const clusters = createClusters(lab.relational.db);
  const server = await startTestServer({ deps: { access, clusters, costs: lab.costs, webFolder: WEB_FOLDER } });
  const tenant = await lab.tenant();
  const clusterName = 'harbour';
  await fill(lab, { tenant, cluster: await lab.cluster(tenant, clusterName) });
  const key = await access.keys.create(consolePrincipal(tenant), {
    name: 'page',
    scopes: ['read'],
    clusterName: undefined,
  });
  return {
    url: server.url,
    key: `${key.keyId}:${key.secret}`,
    clusterName,
    namespaceCosts: (window) => lab.costs.namespaces({ tenant, ...window }, { limit: 100, offset: 0 }),
    hourlyTrend: (window) => lab.costs.trends({ tenant, ...window }, 'hourly'),
    async close() {
      await server.close();
      await lab.close();
    },
  };
}

async function fill(lab: LedgerLab, target: { tenant: string; cluster: string }): Promise<void> {
  const end = hourStart(systemClock.now());
  const instants: number[] = [];
  for (let at = end - HOURS * HOUR_MS; at < end; at += SAMPLE_EVERY_MS) {
    const age = Math.ceil((end - at) / HOUR_MS) - 1;
    if (!SILENT_HOURS.has(age)) instants.push(at);
  }
  const posts = instants.map(batchAt);
  const rates = { ...ratesOf(() => parseMoney('0.013')), managementHour: parseMoney('0.1') };
  const book = { base: 'default', rates, storageClasses: {}, rules: [], note: '', createdBy: 'test' } as const;
  const dated = { effectiveFrom: end - (HOURS + 1) * HOUR_MS, createdAt: systemClock.now() };
  await lab.prices.add(target.tenant, { ...book, ...dated, clusterId: null });
  await lab.put(target, {
    source: 'agent',
    containers: posts.flatMap(({ containers }) => containers),
    nodes: posts.flatMap(({ nodes }) => nodes),
    volumes: posts.flatMap(({ volumes }) => volumes),
    balancers: posts.flatMap(({ balancers }) => balancers),
  });
  await lab.roll();
}

/** A node of four cores and a GPU with two busy namespaces on it, and room to spare; a disk, a load balancer, and traffic. */
function batchAt(at: number): Required<Pick<SampleBatch, 'containers' | 'nodes' | 'volumes' | 'balancers'>> {
  const pod = (namespace: string, cores: number) =>
    containerSample({
      at,
      namespace,
      pod: `${namespace}-1`,
      cpuUsage: (cores * CORE) / 2,
      cpuRequest: cores * CORE,
      memoryUsage: cores * GIB,
      memoryRequest: 2 * cores * GIB,
      gpuRequest: (cores * CORE) / 4,
      networkZoneSent: 0,
      networkRegionSent: 0,
      networkInternetSent: Math.floor(at / SAMPLE_EVERY_MS) * GIB,
    });
  const disk = { namespace: 'shop', claim: 'orders', volume: 'pv-1', storageClass: 'gp3', providerId: '', labels: {} };
  const size = { capacity: GIB, request: null, usage: null };
  return {
    containers: [pod('shop', 1.5), pod('ledger', 0.75)],
    nodes: [nodeSample({ at, cpuCapacity: 4 * CORE, memoryCapacity: 16 * GIB, gpuCapacity: CORE, hourlyCost: '0.4' })],
    volumes: [{ at, ...disk, ...size, pods: ['shop-1'] }],
    balancers: [{ at, namespace: 'shop', service: 'front', ingress: '', hourlyCost: '0.025' }],
  };
}
