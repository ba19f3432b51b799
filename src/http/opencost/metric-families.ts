import { providerOf } from '../../core/assets/providers.ts';
import { SECOND_MS } from '../../lib/clock.ts';
import type { GaugeFamily, GaugeSample } from '../../lib/exposition.ts';
import type { ClusterMetrics, NodeGauges } from '../../queries/opencost-metrics.ts';
import { kubeFamilies, prefixed } from './kube-families.ts';

/** The cluster that gauges are of. */
export interface ScrapedCluster {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** The gauges that OpenCost emits of a cluster, by its names and labels; docs/compat/opencost.md says what each is here. */
export function openCostFamilies(metrics: ClusterMetrics, cluster: ScrapedCluster): GaugeFamily[] {
  return [
    ...nodeFamilies(metrics),
    ...volumeFamilies(metrics),
    ...containerFamilies(metrics),
    ...clusterFamilies(metrics, cluster),
    serviceFamily(metrics),
    ...kubeFamilies(metrics),
  ];
}

function family(name: string, help: string, samples: Iterable<GaugeSample>): GaugeFamily {
  return { name, help, samples };
}

function nodeFamilies({ nodes }: ClusterMetrics): GaugeFamily[] {
  const of = (name: string, help: string, value: (node: NodeGauges) => number) =>
    family(
      name,
      help,
      Iterator.from(nodes).map((node) => ({ labels: nodeLabels(node), value: value(node) })),
    );
  return [
    of('node_cpu_hourly_cost', 'US dollars for a core for an hour.', ({ cpuHourly }) => cpuHourly),
    of('node_ram_hourly_cost', 'US dollars for 2^30 bytes of RAM for an hour.', ({ ramHourly }) => ramHourly),
    of('node_gpu_hourly_cost', 'US dollars for a GPU for an hour.', ({ gpuHourly }) => gpuHourly),
    of('node_gpu_count', 'GPUs of the node.', ({ gpus }) => gpus),
    of('node_total_hourly_cost', 'US dollars for the node for an hour.', ({ totalHourly }) => totalHourly),
    of('kubecost_node_is_spot', 'Whether the provider may take the node back.', ({ spot }) => Number(spot)),
  ];
}

const ARCH_LABELS = ['kubernetes.io/arch', 'kubernetes_io_arch', 'label_kubernetes_io_arch', 'beta.kubernetes.io/arch'];

function nodeLabels({ node, instanceType, region, providerId, labels }: NodeGauges) {
  const arch = ARCH_LABELS.map((name) => labels[name]).find((value) => value !== undefined) ?? '';
  return { instance: node, node, instance_type: instanceType, region, provider_id: providerId, arch };
}

function volumeFamilies({ volumes, claims }: ClusterMetrics): GaugeFamily[] {
  return [
    family(
      'pv_hourly_cost',
      'US dollars for 2^30 bytes of the volume for an hour.',
      Iterator.from(volumes).map(({ volume, providerId, hourly }) => ({
        labels: { volumename: volume, persistentvolume: volume, provider_id: providerId },
        value: hourly,
      })),
    ),
    family(
      'kubecost_pv_info',
      'The class of a volume.',
      Iterator.from(volumes).map(({ volume, storageClass, providerId }) => ({
        labels: { persistentvolume: volume, storageclass: storageClass, provider_id: providerId },
        value: 1,
      })),
    ),
    family(
      'pod_pvc_allocation',
      'Bytes of a volume that a pod has, by its share among those that mount it.',
      Iterator.from(claims).map(({ namespace, pod, claim, volume, bytes }) => ({
        labels: { namespace, pod, persistentvolumeclaim: claim, persistentvolume: volume },
        value: bytes,
      })),
    ),
  ];
}

function containerFamilies({ containers }: ClusterMetrics): GaugeFamily[] {
  const of = (name: string, help: string, value: (container: (typeof containers)[number]) => number | null) =>
    family(
      name,
      help,
      Iterator.from(containers).flatMap((one): GaugeSample[] => {
        const { namespace, pod, container, node } = one;
        const found = value(one);
        return found === null ? [] : [{ labels: { namespace, pod, container, instance: node, node }, value: found }];
      }),
    );
  return [
    of('container_cpu_allocation', 'Cores held: the greater of request and usage.', ({ cores }) => cores),
    of('container_memory_allocation_bytes', 'Bytes held: the greater of request and usage.', ({ bytes }) => bytes),
    of('container_gpu_allocation', 'GPUs held.', ({ gpus }) => (gpus > 0 ? gpus : null)),
  ];
}

function clusterFamilies(
  { hour, egress, balancers, managementHourly, nodes }: ClusterMetrics,
  { id, name, version }: ScrapedCluster,
): GaugeFamily[] {
  const one = (value: number, labels: GaugeSample['labels'] = {}) => [{ labels, value }];
  const [node] = nodes;
  return [
    family('kubecost_network_zone_egress_cost', 'US dollars for 2^30 bytes to another zone.', one(egress.zone)),
    family('kubecost_network_region_egress_cost', 'US dollars for 2^30 bytes to another region.', one(egress.region)),
    family('kubecost_network_internet_egress_cost', 'US dollars for 2^30 bytes to the internet.', one(egress.internet)),
    family(
      'kubecost_cluster_management_cost',
      'US dollars an hour for running the control plane.',
      one(managementHourly, { provisioner_name: '' }),
    ),
    family(
      'kubecost_load_balancer_cost',
      'US dollars an hour for a load balancer.',
      Iterator.from(balancers).map(({ namespace, service, ingress, hourly }) => ({
        labels: { ingress_ip: ingress, namespace, service_name: service },
        value: hourly,
      })),
    ),
    family(
      'kubecost_cluster_info',
      'The cluster that these gauges are of.',
      one(1, infoLabels({ id, name, version }, node)),
    ),
    family(
      'kubetally_scraped_hour_timestamp_seconds',
      'Start of the hour that these gauges are of.',
      one(hour / SECOND_MS),
    ),
  ];
}

function infoLabels({ id, name, version }: ScrapedCluster, node: NodeGauges | undefined) {
  return {
    id,
    name,
    provider: providerOf(node?.providerId ?? ''),
    project: '',
    account: '',
    region: node?.region ?? '',
    provisioner: '',
    clusterProfile: '',
    logCollection: 'false',
    productAnalytics: 'false',
    errorReporting: 'false',
    valuesReporting: 'false',
    thanosEnabled: 'false',
    thanosOffset: '',
    version,
  };
}

function serviceFamily({ services }: ClusterMetrics): GaugeFamily {
  return family(
    'service_selector_labels',
    'Labels by which a service chooses pods.',
    Iterator.from(services).map(({ namespace, service, selector }) => ({
      labels: { namespace, service, ...prefixed(selector) },
      value: 1,
    })),
  );
}
