import type { SamplesPost } from '../../contracts/samples.ts';
import type {
  BalancerSample,
  ContainerSample,
  NamespaceSample,
  NodeSample,
  SampleBatch,
  ServiceSample,
  VolumeSample,
} from '../../core/samples.ts';

/** What `POST /v1/samples` can carry of a batch: neither hour facts nor points. */
export type InstantBatch = Omit<SampleBatch, 'source' | 'facts' | 'points'> & {
  readonly source: SamplesPost['source'];
};

/** A batch as `POST /v1/samples` takes it; `parseSamplesPost` makes the same batch of it. What is not known is left out. */
export function encodeSamples(batch: InstantBatch, clusterName: string | null = null): SamplesPost {
  const { source, containers, nodes, volumes = [], balancers = [], namespaces = [], services = [] } = batch;
  return {
    source,
    ...(clusterName === null ? {} : { cluster_name: clusterName }),
    ...(containers.length > 0 && { containers: containers.map(containerRow) }),
    ...(nodes.length > 0 && { nodes: nodes.map(nodeRow) }),
    ...(volumes.length > 0 && { volumes: volumes.map(volumeRow) }),
    ...(balancers.length > 0 && { balancers: balancers.map(balancerRow) }),
    ...(namespaces.length > 0 && { namespaces: namespaces.map(namespaceRow) }),
    ...(services.length > 0 && { services: services.map(serviceRow) }),
  };
}

type Rows<K extends Exclude<keyof SampleBatch, 'source' | 'facts' | 'points'>> = NonNullable<SamplesPost[K]>[number];

function containerRow(sample: ContainerSample): Rows<'containers'> {
  return {
    at_ms: sample.at,
    namespace: sample.namespace,
    pod: sample.pod,
    ...text('node', sample.node),
    ...text('pod_uid', sample.podUid),
    ...text('container', sample.container),
    ...text('controller_kind', sample.controllerKind),
    ...text('controller', sample.controller),
    ...text('phase', sample.phase),
    ...known('cpu_usage_nanocores', sample.cpuUsage),
    ...known('cpu_request_nanocores', sample.cpuRequest),
    ...known('cpu_limit_nanocores', sample.cpuLimit),
    ...known('memory_usage_bytes', sample.memoryUsage),
    ...known('memory_request_bytes', sample.memoryRequest),
    ...known('memory_limit_bytes', sample.memoryLimit),
    ...known('gpu_usage_nanogpus', sample.gpuUsage),
    ...known('gpu_request_nanogpus', sample.gpuRequest),
    ...known('network_received_bytes', sample.networkReceived),
    ...known('network_sent_bytes', sample.networkSent),
    ...known('network_zone_sent_bytes', sample.networkZoneSent),
    ...known('network_region_sent_bytes', sample.networkRegionSent),
    ...known('network_internet_sent_bytes', sample.networkInternetSent),
    ...known('started_at_ms', sample.startedAt),
    ...known('ended_at_ms', sample.endedAt),
    ...labelled(sample),
    ...(sample.annotations && { annotations: { ...sample.annotations } }),
  };
}

function nodeRow(sample: NodeSample): Rows<'nodes'> {
  return {
    at_ms: sample.at,
    node: sample.node,
    ...text('provider_id', sample.providerId),
    ...text('instance_type', sample.instanceType),
    ...text('region', sample.region),
    ...text('zone', sample.zone),
    ...(sample.spot && { spot: true }),
    ...known('cpu_capacity_nanocores', sample.cpuCapacity),
    ...known('memory_capacity_bytes', sample.memoryCapacity),
    ...known('gpu_capacity_nanogpus', sample.gpuCapacity),
    ...known('hourly_cost_usd', sample.hourlyCost),
    ...labelled(sample),
  };
}

function volumeRow(sample: VolumeSample): Rows<'volumes'> {
  return {
    at_ms: sample.at,
    namespace: sample.namespace,
    claim: sample.claim,
    ...text('volume', sample.volume),
    ...text('storage_class', sample.storageClass),
    ...text('provider_id', sample.providerId),
    ...known('capacity_bytes', sample.capacity),
    ...known('request_bytes', sample.request),
    ...known('usage_bytes', sample.usage),
    ...(sample.pods.length > 0 && { pods: [...sample.pods] }),
    ...labelled(sample),
  };
}

function balancerRow(sample: BalancerSample): Rows<'balancers'> {
  return {
    at_ms: sample.at,
    namespace: sample.namespace,
    service: sample.service,
    ...text('ingress', sample.ingress),
    ...known('hourly_cost_usd', sample.hourlyCost),
  };
}

function namespaceRow({ annotations, ...sample }: NamespaceSample): Rows<'namespaces'> {
  return {
    at_ms: sample.at,
    namespace: sample.namespace,
    ...labelled(sample),
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
  };
}

function serviceRow({ at, namespace, service, selector }: ServiceSample): Rows<'services'> {
  const isChoosing = Object.keys(selector).length > 0;
  return { at_ms: at, namespace, service, ...(isChoosing && { selector: { ...selector } }) };
}

function text<K extends string>(key: K, value: string): Partial<Record<K, string>> {
  return value === '' ? {} : pair(key, value);
}

function known<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === null || value === undefined ? {} : pair(key, value);
}

function pair<K extends string, V>(key: K, value: V): Partial<Record<K, V>> {
  const one: Partial<Record<string, V>> = { [key]: value };
  return one;
}

function labelled({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return Object.keys(labels).length === 0 ? {} : { labels: { ...labels } };
}
