import type { HourFact } from '../core/hour-facts.ts';
import type {
  BalancerSample,
  ContainerSample,
  NamespaceSample,
  NodeSample,
  ServiceSample,
  SourceName,
  VolumeSample,
} from '../core/samples.ts';
import { parseMoney } from '../lib/money.ts';
import type { IntakeTarget } from './intake.ts';
import { sortedJson } from './sorted-json.ts';

/** What every row of a batch has in common. */
export interface BatchFacts extends IntakeTarget {
  readonly source: SourceName;
}

/** One column of a table: its ClickHouse type, and its value for a sample. */
export interface SampleColumn<Sample> {
  readonly name: string;
  readonly type: string;
  readonly of: (sample: Sample, facts: BatchFacts) => unknown;
  /** Few sources know it. Where no row of an insert has a value, the column is left out of it, and the engine puts NULL. */
  readonly rare?: true;
}

export const BATCH_COLUMNS: readonly SampleColumn<unknown>[] = [
  { name: 'tenant', type: 'UUID', of: (_, { tenant }) => tenant },
  { name: 'cluster', type: 'UUID', of: (_, { cluster }) => cluster },
  { name: 'source', type: 'String', of: (_, { source }) => source },
];

const NO_ANNOTATIONS = {};

/** `container_samples`, but for what the engine fills in itself (`digest`, `received_at`). */
export const CONTAINER_COLUMNS: readonly SampleColumn<ContainerSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'node', type: 'String', of: ({ node }) => node },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'pod', type: 'String', of: ({ pod }) => pod },
  { name: 'pod_uid', type: 'String', of: ({ podUid }) => podUid },
  { name: 'container', type: 'String', of: ({ container }) => container },
  { name: 'controller_kind', type: 'String', of: ({ controllerKind }) => controllerKind },
  { name: 'controller', type: 'String', of: ({ controller }) => controller },
  { name: 'phase', type: 'String', of: ({ phase }) => phase },
  { name: 'cpu_usage', type: 'Nullable(Int64)', of: ({ cpuUsage }) => cpuUsage },
  { name: 'cpu_request', type: 'Nullable(Int64)', of: ({ cpuRequest }) => cpuRequest },
  { name: 'cpu_limit', type: 'Nullable(Int64)', of: ({ cpuLimit }) => cpuLimit },
  { name: 'memory_usage', type: 'Nullable(Int64)', of: ({ memoryUsage }) => memoryUsage },
  { name: 'memory_request', type: 'Nullable(Int64)', of: ({ memoryRequest }) => memoryRequest },
  { name: 'memory_limit', type: 'Nullable(Int64)', of: ({ memoryLimit }) => memoryLimit },
  { name: 'gpu_usage', type: 'Nullable(Int64)', of: ({ gpuUsage = null }) => gpuUsage, rare: true },
  { name: 'gpu_request', type: 'Nullable(Int64)', of: ({ gpuRequest = null }) => gpuRequest, rare: true },
  { name: 'network_received', type: 'Nullable(Int64)', of: ({ networkReceived }) => networkReceived },
  { name: 'network_sent', type: 'Nullable(Int64)', of: ({ networkSent }) => networkSent },
  {
    name: 'network_zone_sent',
    type: 'Nullable(Int64)',
    of: ({ networkZoneSent = null }) => networkZoneSent,
    rare: true,
  },
  {
    name: 'network_region_sent',
    type: 'Nullable(Int64)',
    of: ({ networkRegionSent = null }) => networkRegionSent,
    rare: true,
  },
  {
    name: 'network_internet_sent',
    type: 'Nullable(Int64)',
    of: ({ networkInternetSent = null }) => networkInternetSent,
    rare: true,
  },
  { name: 'started_at', type: 'Nullable(DateTime64(3))', of: ({ startedAt }) => startedAt },
  { name: 'ended_at', type: 'Nullable(DateTime64(3))', of: ({ endedAt }) => endedAt },
  { name: 'annotations', type: 'String', of: ({ annotations = NO_ANNOTATIONS }) => sortedJson(annotations) },
  { name: 'labels', type: 'String', of: ({ labels }) => sortedJson(labels) },
];

/** `node_samples`, but for what the engine fills in itself. */
export const NODE_COLUMNS: readonly SampleColumn<NodeSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'node', type: 'String', of: ({ node }) => node },
  { name: 'provider_id', type: 'String', of: ({ providerId }) => providerId },
  { name: 'instance_type', type: 'String', of: ({ instanceType }) => instanceType },
  { name: 'region', type: 'String', of: ({ region }) => region },
  { name: 'zone', type: 'String', of: ({ zone }) => zone },
  { name: 'spot', type: 'Bool', of: ({ spot }) => spot },
  { name: 'cpu_capacity', type: 'Nullable(Int64)', of: ({ cpuCapacity }) => cpuCapacity },
  { name: 'memory_capacity', type: 'Nullable(Int64)', of: ({ memoryCapacity }) => memoryCapacity },
  { name: 'gpu_capacity', type: 'Nullable(Int64)', of: ({ gpuCapacity = null }) => gpuCapacity, rare: true },
  { name: 'hourly_cost', type: 'Nullable(Decimal(18, 12))', of: ({ hourlyCost }) => moneyOrNull(hourlyCost) },
  { name: 'labels', type: 'String', of: ({ labels }) => sortedJson(labels) },
];

/** `volume_samples`, but for what the engine fills in itself. */
export const VOLUME_COLUMNS: readonly SampleColumn<VolumeSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'claim', type: 'String', of: ({ claim }) => claim },
  { name: 'volume', type: 'String', of: ({ volume }) => volume },
  { name: 'storage_class', type: 'String', of: ({ storageClass }) => storageClass },
  { name: 'provider_id', type: 'String', of: ({ providerId }) => providerId },
  { name: 'capacity', type: 'Nullable(Int64)', of: ({ capacity }) => capacity },
  { name: 'request', type: 'Nullable(Int64)', of: ({ request }) => request },
  { name: 'usage', type: 'Nullable(Int64)', of: ({ usage }) => usage },
  { name: 'pods', type: 'String', of: ({ pods }) => JSON.stringify(pods) },
  { name: 'labels', type: 'String', of: ({ labels }) => sortedJson(labels) },
];

/** `balancer_samples`, but for what the engine fills in itself. */
export const BALANCER_COLUMNS: readonly SampleColumn<BalancerSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'service', type: 'String', of: ({ service }) => service },
  { name: 'hourly_cost', type: 'Nullable(Decimal(18, 12))', of: ({ hourlyCost }) => moneyOrNull(hourlyCost) },
  { name: 'ingress', type: 'String', of: ({ ingress }) => ingress },
];

/** `namespace_days`, but for what the engine fills in itself: the day is that of the instant. */
export const NAMESPACE_COLUMNS: readonly SampleColumn<NamespaceSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'annotations', type: 'String', of: ({ annotations }) => sortedJson(annotations) },
  { name: 'labels', type: 'String', of: ({ labels }) => sortedJson(labels) },
];

/** `service_days`, likewise. */
export const SERVICE_COLUMNS: readonly SampleColumn<ServiceSample>[] = [
  ...BATCH_COLUMNS,
  { name: 'at', type: 'DateTime64(3)', of: ({ at }) => at },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'service', type: 'String', of: ({ service }) => service },
  { name: 'selector', type: 'String', of: ({ selector }) => sortedJson(selector) },
];

/** `hour_facts`, but for what the engine fills in itself. */
export const FACT_COLUMNS: readonly SampleColumn<HourFact>[] = [
  ...BATCH_COLUMNS,
  { name: 'kind', type: 'String', of: ({ kind }) => kind },
  { name: 'hour', type: 'DateTime64(3)', of: ({ hour }) => hour },
  { name: 'stated_at', type: 'DateTime64(3)', of: ({ statedAt }) => statedAt },
  { name: 'node', type: 'String', of: ({ node }) => node },
  { name: 'namespace', type: 'String', of: ({ namespace }) => namespace },
  { name: 'pod', type: 'String', of: ({ pod }) => pod },
  { name: 'container', type: 'String', of: ({ container }) => container },
  { name: 'name', type: 'String', of: ({ name }) => name },
  { name: 'amounts', type: 'String', of: ({ amounts }) => sortedJson(amounts) },
  { name: 'texts', type: 'String', of: ({ texts }) => sortedJson(texts) },
  { name: 'labels', type: 'String', of: ({ labels }) => sortedJson(labels) },
];

function moneyOrNull(text: string | null): bigint | null {
  return text === null ? null : parseMoney(text);
}
