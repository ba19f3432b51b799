import { z } from 'zod';
import { type Clock, HOUR_MS, hourStart, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { moneyToNumber } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersions } from '../store/relational/price-versions.ts';
import { engineInstant } from './engine-instant.ts';
import { NAMESPACES_TOLD, SERVICES_TOLD } from './leaf-joins.ts';
import {
  type ClusterMetrics,
  type ContainerGauges,
  HOURS_MAX,
  type MetricQueries,
  type NodeGauges,
  THINGS_MAX,
} from './opencost-metrics.ts';
import { readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly prices: Pick<PriceVersions, 'effectiveAt'>;
  readonly clock: Clock;
}

const GIB = 2 ** 30;

const HourRow = z.object({ hour_s: z.number(), covered_ms: z.number(), management_cost: z.number() });

const labels = z.record(z.string(), z.string());
const NodeRow = z.object({
  node: z.string(),
  provider_id: z.string(),
  instance_type: z.string(),
  region: z.string(),
  zone: z.string(),
  spot: z.boolean(),
  labels,
  covered_ms: z.number(),
  core_seconds: z.number(),
  byte_seconds: z.number(),
  gpu_seconds: z.number(),
  cpu_cost: z.number(),
  ram_cost: z.number(),
  gpu_cost: z.number(),
});
type NodeRow = z.infer<typeof NodeRow>;

const VolumeRow = z.object({
  namespace: z.string(),
  claim: z.string(),
  volume: z.string(),
  pod: z.string(),
  storage_class: z.string(),
  provider_id: z.string(),
  covered_ms: z.number(),
  byte_seconds: z.number(),
  volume_byte_seconds: z.number(),
  volume_cost: z.number(),
});
type VolumeRow = z.infer<typeof VolumeRow>;

const BalancerRow = z.object({
  namespace: z.string(),
  service: z.string(),
  ingress: z.string(),
  run_ms: z.number(),
  cost: z.number(),
});

const ContainerRow = z.object({
  namespace: z.string(),
  pod: z.string(),
  container: z.string(),
  node: z.string(),
  pod_uid: z.string(),
  controller_kind: z.string(),
  controller: z.string(),
  labels,
  core_seconds: z.number(),
  byte_seconds: z.number(),
  gpu_seconds: z.number(),
  request_core_seconds: z.number(),
  request_byte_seconds: z.number(),
});
type ContainerRow = z.infer<typeof ContainerRow>;

const NamespaceRow = z.object({ namespace: z.string(), labels, annotations: labels });
const ServiceRow = z.object({ namespace: z.string(), service: z.string(), selector: labels });

/** Answers for OpenCost's gauges from the ledger. */
export function createMetricQueries(deps: Deps): MetricQueries {
  return { ofCluster: (target, signal) => metricsOf(deps, target, signal) };
}

interface Target {
  readonly tenant: string;
  readonly cluster: string;
}

async function metricsOf(
  { columnar, prices, clock }: Deps,
  target: Target,
  signal?: AbortSignal,
): Promise<ClusterMetrics | null> {
  const open = hourStart(clock.now());
  const since = open - HOURS_MAX * HOUR_MS;
  const [newest] = await columnar.rows(
    {
      sql: readSql('metric-hour'),
      params: { ...target, since: engineInstant(since), open: engineInstant(open) },
      row: HourRow,
    },
    signal,
  );
  if (newest === undefined) return null;
  const hour = newest.hour_s * SECOND_MS;
  const read = async <T>(name: string, row: z.ZodType<T>): Promise<T[]> => {
    const window = { clusters: [target.cluster], start: engineInstant(hour), end: engineInstant(hour + HOUR_MS) };
    const params = { ...target, ...window, hour: window.start, things_max: THINGS_MAX + 1 };
    const sql = readSql(name)
      .replace('{{namespaces}}', () => NAMESPACES_TOLD)
      .replace('{{services}}', () => SERVICES_TOLD);
    const rows = await columnar.rows({ sql, params, row }, signal);
    if (rows.length > THINGS_MAX) throw tooLarge(name);
    return rows;
  };
  const [nodes, volumes, balancers, containers, namespaces, services, [version]] = await Promise.all([
    read('metric-nodes', NodeRow),
    read('metric-volumes', VolumeRow),
    read('metric-balancers', BalancerRow),
    read('metric-containers', ContainerRow),
    read('metric-namespaces', NamespaceRow),
    read('metric-services', ServiceRow),
    prices.effectiveAt(target.tenant, target.cluster, [hour]),
  ]);
  const coveredMs = new Map(nodes.map((node) => [node.node, node.covered_ms]));
  return {
    hour,
    managementHourly: (newest.management_cost * HOUR_MS) / newest.covered_ms,
    egress: {
      zone: version ? moneyToNumber(version.rates.networkZoneGib) : 0,
      region: version ? moneyToNumber(version.rates.networkRegionGib) : 0,
      internet: version ? moneyToNumber(version.rates.networkInternetGib) : 0,
    },
    nodes: nodes.map(nodeGauges),
    ...volumeGauges(volumes),
    balancers: balancers.map(({ run_ms, cost, ...names }) => ({ ...names, hourly: (cost * HOUR_MS) / run_ms })),
    containers: containers.map((row) => containerGauges(row, coveredMs.get(row.node) ?? newest.covered_ms)),
    namespaces,
    services,
  };
}

function nodeGauges(row: NodeRow): NodeGauges {
  const seconds = row.covered_ms / SECOND_MS;
  const hourly = (cost: number, unitSeconds: number) => (unitSeconds > 0 ? (cost * HOUR_S) / unitSeconds : 0);
  return {
    node: row.node,
    providerId: row.provider_id,
    instanceType: row.instance_type,
    region: row.region,
    zone: row.zone,
    spot: row.spot,
    labels: row.labels,
    cores: row.core_seconds / seconds,
    bytes: row.byte_seconds / seconds,
    gpus: row.gpu_seconds / seconds,
    cpuHourly: hourly(row.cpu_cost, row.core_seconds),
    ramHourly: hourly(row.ram_cost, row.byte_seconds / GIB),
    gpuHourly: hourly(row.gpu_cost, row.gpu_seconds),
    totalHourly: hourly(row.cpu_cost + row.ram_cost + row.gpu_cost, seconds),
  };
}

const HOUR_S = HOUR_MS / SECOND_MS;

/** Volumes, and what of them each pod has. A volume has one row for each of its pods, and one for the time without any. */
function volumeGauges(rows: readonly VolumeRow[]): Pick<ClusterMetrics, 'volumes' | 'claims'> {
  const first = new Map(rows.map((row) => [`${row.namespace}/${row.claim}/${row.volume}`, row]));
  return {
    volumes: [...first.values()].map((row) => ({
      volume: row.volume,
      namespace: row.namespace,
      claim: row.claim,
      storageClass: row.storage_class,
      providerId: row.provider_id,
      bytes: (row.volume_byte_seconds * SECOND_MS) / row.covered_ms,
      hourly: row.volume_byte_seconds > 0 ? (row.volume_cost * HOUR_S * GIB) / row.volume_byte_seconds : 0,
    })),
    claims: rows
      .filter(({ pod }) => pod !== '')
      .map(({ namespace, pod, claim, volume, byte_seconds, covered_ms }) => ({
        namespace,
        pod,
        claim,
        volume,
        bytes: (byte_seconds * SECOND_MS) / covered_ms,
      })),
  };
}

function containerGauges(row: ContainerRow, coveredMs: number): ContainerGauges {
  const seconds = coveredMs / SECOND_MS;
  return {
    namespace: row.namespace,
    pod: row.pod,
    podUid: row.pod_uid,
    container: row.container,
    node: row.node,
    controllerKind: row.controller_kind,
    controller: row.controller,
    labels: row.labels,
    cores: row.core_seconds / seconds,
    bytes: row.byte_seconds / seconds,
    gpus: row.gpu_seconds / seconds,
    requestCores: row.request_core_seconds / seconds,
    requestBytes: row.request_byte_seconds / seconds,
  };
}

function tooLarge(name: string): AppError {
  const things = name.replace('metric-', '');
  return new AppError(
    'query_too_large',
    `the cluster has more than ${THINGS_MAX} ${things}; that is too much to scrape`,
    {
      details: { things_max: THINGS_MAX },
    },
  );
}
