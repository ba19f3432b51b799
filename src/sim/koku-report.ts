/**
 * The hours of a fleet's cluster as its cost-management operator would upload them: a manifest and CSV reports in a tar.gz.
 *
 * The truth behind them is that of `truth.ts` at the grain of pods. What the format cannot carry: containers, when within the
 * hour a pod asked for more than it used (it has the two totals alone), prices, and kinds of workloads. Label names come as
 * Prometheus has them, with `_` for every other sign.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packTar } from 'modern-tar';
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { clusterOf, type Fleet, type FleetCluster } from './fleet.ts';
import { type ClusterTruth, type ContainerTruth, type NodeTruth, truthOf } from './truth.ts';

export interface KokuReportOptions {
  readonly cluster: string;
  /** Whole hours: the first, and the one that is no longer told of. */
  readonly from: number;
  readonly to: number;
  /** 19: as operators of 2021, without the roles of nodes. */
  readonly columns: 19 | 20;
}

export interface KokuReports {
  readonly manifest: {
    readonly uuid: string;
    readonly cluster_id: string;
    readonly date: string;
    readonly files: readonly string[];
    readonly [more: string]: unknown;
  };
  /** CSV text by name. */
  readonly files: ReadonlyMap<string, string>;
}

const PERIOD = 'report_period_start,report_period_end,interval_start,interval_end';
const POD_AMOUNTS =
  'pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,pod_limit_memory_byte_seconds,node_capacity_cpu_cores,node_capacity_cpu_core_seconds,node_capacity_memory_bytes,node_capacity_memory_byte_seconds';
const HEADERS = {
  pod: {
    19: `node,namespace,pod,${POD_AMOUNTS},resource_id,pod_labels`,
    20: `node,namespace,pod,${POD_AMOUNTS},node_role,resource_id,pod_labels`,
  },
  node: 'node,node_labels',
  namespace: 'namespace,namespace_labels',
  storage:
    'namespace,pod,node,persistentvolumeclaim,persistentvolume,storageclass,csi_driver,csi_volume_handle,persistentvolumeclaim_capacity_bytes,persistentvolumeclaim_capacity_byte_seconds,volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,persistentvolume_labels,persistentvolumeclaim_labels',
} as const;
const NANO = 1_000_000_000n;

/** One archive with all of a cluster's reports. Throws `not_found` where the fleet has no such cluster. */
export async function kokuArchive(fleet: Fleet, options: KokuReportOptions): Promise<Uint8Array> {
  const { manifest, files } = kokuReports(fleet, options);
  return await packKoku(manifest, files);
}

/** A manifest and some of its files, packed: an operator whose reports are too large sends one file in each archive. */
export async function packKoku(manifest: object, files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const members = [...files, ['manifest.json', JSON.stringify(manifest)] as const];
  const tar = await packTar(
    members.map(([name, text]) => {
      const body = Buffer.from(text);
      return { header: { name, size: body.length, mtime: new Date(0) }, body };
    }),
  );
  return await promisify(gzip)(tar);
}

export function kokuReports(fleet: Fleet, options: KokuReportOptions): KokuReports {
  const { cluster: name, from, to, columns } = options;
  const cluster = clusterOf(fleet, name);
  const rows: Record<keyof typeof HEADERS, string[]> = { pod: [], node: [], namespace: [], storage: [] };
  for (let hour = from; hour < to; hour += HOUR_MS) {
    const truth = truthOf(fleet, hour, { grain: 'pod' }).clusters.find((it) => it.cluster === name);
    if (!truth) continue;
    const row = rowWriter(hour);
    rows.pod.push(...podRows(cluster, { truth, hour, columns }).map(row));
    rows.node.push(...nodeRows(cluster, hour).map(row));
    rows.namespace.push(...namespaceRows(truth).map(row));
    rows.storage.push(...storageRows(truth).map(row));
  }
  const uuid = uuidOf(`${name} ${from} ${to}`);
  const headers = { ...HEADERS, pod: HEADERS.pod[columns] };
  const month = new Date(from).toISOString().slice(0, 7).replace('-', '');
  const files = new Map(
    (['pod', 'node', 'namespace', 'storage'] as const).map((kind) => [
      `${uuid}-cm-openshift-${kind}-usage-${month}.0.csv`,
      `${[`${PERIOD},${headers[kind]}`, ...rows[kind]].join('\n')}\n`,
    ]),
  );
  return { manifest: manifestOf({ uuid, cluster: name, from, to }, [...files.keys()]), files };
}

function manifestOf(
  { uuid, cluster, from, to }: { uuid: string; cluster: string; from: number; to: number },
  files: readonly string[],
): KokuReports['manifest'] {
  return {
    uuid,
    cluster_id: uuidOf(`cluster ${cluster}`),
    version: 'simulated',
    date: new Date(to).toISOString(),
    files,
    start: new Date(from).toISOString(),
    end: new Date(to - SECOND_MS).toISOString(),
    cr_status: { clusterID: uuidOf(`cluster ${cluster}`), source: { name: cluster } },
    certified: false,
    daily_reports: false,
  };
}

/** Puts the period and the hour before a row's own cells. */
function rowWriter(hour: number): (cells: readonly string[]) => string {
  const date = new Date(hour);
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
  const period = [month(0), month(1), hour, hour + HOUR_MS - SECOND_MS].map(goTime).join(',');
  return (cells) => `${period},${cells.map(quoted).join(',')}`;
}

interface PodHour {
  readonly truth: ClusterTruth;
  readonly hour: number;
  readonly columns: 19 | 20;
}

function podRows(cluster: FleetCluster, { truth, hour, columns }: PodHour): string[][] {
  const nodes = new Map(truth.nodes.map((node) => [node.node, node]));
  const ids = new Map(nodesOf(cluster, hour).map(({ name, providerId }) => [name, lastPart(providerId)]));
  return truth.containers.flatMap((pod) => {
    const node = nodes.get(pod.node);
    if (!node) return [];
    const role = columns === 20 ? ['worker'] : [];
    const amounts = [...podAmounts(pod), ...nodeAmounts(node)];
    return [[pod.node, pod.namespace, pod.pod, ...amounts, ...role, ids.get(pod.node) ?? '', labelText(pod.labels)]];
  });
}

/** Usage, request and limit of each; limits are not part of the truth. */
function podAmounts({ cpuUsage, cpuRequest, memoryUsage, memoryRequest }: ContainerTruth): string[] {
  const request = (amount: string, asked: bigint) => (asked === 0n ? '' : amount);
  return [
    coreSeconds(cpuUsage),
    request(coreSeconds(cpuRequest), cpuRequest),
    '',
    byteSeconds(memoryUsage),
    request(byteSeconds(memoryRequest), memoryRequest),
    '',
  ];
}

function nodeAmounts({ cpuCapacity, memoryCapacity, coveredMs }: NodeTruth): string[] {
  return [
    decimal(BigInt(cpuCapacity), NANO),
    coreSeconds(BigInt(cpuCapacity) * BigInt(coveredMs)),
    decimal(BigInt(memoryCapacity), 1n),
    byteSeconds(BigInt(memoryCapacity) * BigInt(coveredMs)),
  ];
}

function nodeRows(cluster: FleetCluster, hour: number): string[][] {
  return nodesOf(cluster, hour).map(({ name, labels }) => [name, labelText(labels)]);
}

function namespaceRows({ containers }: ClusterTruth): string[][] {
  const names = new Set(containers.map(({ namespace }) => namespace));
  return [...names].map((name) => [name, labelText({ 'kubernetes.io/metadata.name': name })]);
}

function storageRows({ volumes }: ClusterTruth): string[][] {
  return volumes.map(({ namespace, claim, bytes, byteSeconds: held }) => {
    const capacity = [decimal(BigInt(bytes), 1n), decimal(held, 1n), decimal(held, 1n), ''];
    return [namespace, '', '', claim, `pv-${claim}`, 'gp3', 'ebs.csi.aws.com', `vol-${claim}`, ...capacity, '', ''];
  });
}

function nodesOf(cluster: FleetCluster, hour: number) {
  return cluster.slots.flatMap((slot) => slot.nodes.within(hour, hour + HOUR_MS));
}

/** From nanocore-milliseconds. */
function coreSeconds(nanocoreMs: bigint): string {
  return decimal(nanocoreMs, NANO * 1_000n);
}

/** From byte-milliseconds. */
function byteSeconds(byteMs: bigint): string {
  return decimal(byteMs, 1_000n);
}

/** `value / unit` as `%.6f`, cut off below. */
function decimal(value: bigint, unit: bigint): string {
  const micros = (value * 1_000_000n) / unit;
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `label_${key.replaceAll(/\W/g, '_')}:${value}`);
  return pairs.sort().join('|');
}

function lastPart(providerId: string): string {
  return providerId.slice(providerId.lastIndexOf('/') + 1);
}

function goTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
