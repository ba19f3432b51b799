import { expect, test } from 'vitest';
import { exposition } from '../../lib/exposition.ts';
import type { ClusterMetrics, ContainerGauges, NodeGauges } from '../../queries/opencost-metrics.ts';
import { openCostFamilies } from './metric-families.ts';

const NODE: NodeGauges = {
  node: 'n1',
  providerId: 'gce://p/z/n1',
  instanceType: 'a2-highgpu-1g',
  region: 'us-central1',
  zone: 'us-central1-a',
  spot: false,
  labels: {},
  cores: 12,
  bytes: 85 * 2 ** 30,
  gpus: 1,
  cpuHourly: 0.03,
  ramHourly: 0.004,
  gpuHourly: 2.5,
  totalHourly: 3.2,
};
const CONTAINER: ContainerGauges = {
  namespace: 'ml',
  pod: 'train',
  podUid: 'u1',
  container: 'app',
  node: 'n1',
  controllerKind: 'Job',
  controller: 'train',
  labels: {},
  cores: 8,
  bytes: 2 ** 30,
  gpus: 0.5,
  requestCores: 8,
  requestBytes: 0,
};
const NOTHING: ClusterMetrics = {
  hour: 0,
  managementHourly: 0.1,
  egress: { zone: 0.01, region: 0.01, internet: 0.12 },
  nodes: [],
  volumes: [],
  claims: [],
  balancers: [],
  containers: [],
  namespaces: [],
  services: [],
};

function linesOf(metrics: Partial<ClusterMetrics>, name: string): string[] {
  const cluster = { id: 'c-1', name: 'east', version: '1.0.0' };
  const text = [...exposition(openCostFamilies({ ...NOTHING, ...metrics }, cluster))].join('');
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

test('GPUs are told of nodes that have them and of containers that hold them', () => {
  const metrics = { nodes: [NODE], containers: [CONTAINER, { ...CONTAINER, container: 'sidecar', gpus: 0 }] };
  expect(linesOf(metrics, 'node_gpu_hourly_cost')[0]).toMatch(/ 2\.5$/);
  expect(linesOf(metrics, 'node_gpu_count')[0]).toMatch(/ 1$/);
  expect(linesOf(metrics, 'container_gpu_allocation')).toEqual([
    'container_gpu_allocation{namespace="ml",pod="train",container="app",instance="n1",node="n1"} 0.5',
  ]);
});

test('labels come under names that Prometheus takes, each once, and at most 64 of them', () => {
  const labels = { 'app.kubernetes.io/name': 'a', app_kubernetes_io_name: 'b', label_team: 'c', 'näme"': 'd"\n' };
  expect(linesOf({ nodes: [{ ...NODE, labels }] }, 'kube_node_labels')).toEqual([
    String.raw`kube_node_labels{node="n1",label_n_me_="d\"\n",label_team="c",label_app_kubernetes_io_name="a"} 1`,
  ]);
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`l${index}`, 'x']));
  const [line = ''] = linesOf({ containers: [{ ...CONTAINER, labels: many }] }, 'kube_pod_labels');
  expect(line.match(/label_l\d+=/g)).toHaveLength(64);
  expect(line).toContain('label_l0=');
});

test('a pod is told once, whatever containers it has, and its owner is its controller', () => {
  const containers = [CONTAINER, { ...CONTAINER, container: 'sidecar' }, { ...CONTAINER, pod: 'bare', controller: '' }];
  expect(linesOf({ containers }, 'kube_pod_labels')).toHaveLength(2);
  expect(linesOf({ containers }, 'kube_pod_owner')).toEqual([
    'kube_pod_owner{namespace="ml",pod="train",owner_name="train",owner_kind="Job",owner_is_controller="true"} 1',
  ]);
  expect(linesOf({ containers: [CONTAINER] }, 'kube_pod_container_resource_requests')).toHaveLength(1); // no memory is asked for
});

test('namespaces tell their labels and annotations, services the labels of their pods', () => {
  const shop = { namespace: 'shop', labels: { team: 'blue' }, annotations: { 'example.com/contact': 'ann' } };
  const namespaces = [shop, { namespace: 'bare', labels: {}, annotations: {} }];
  expect(linesOf({ namespaces }, 'kube_namespace_labels')).toEqual([
    'kube_namespace_labels{namespace="shop",label_team="blue"} 1',
    'kube_namespace_labels{namespace="bare"} 1',
  ]);
  expect(linesOf({ namespaces }, 'kube_namespace_annotations')).toEqual([
    'kube_namespace_annotations{namespace="shop",annotation_example_com_contact="ann"} 1',
  ]);
  const services = [{ namespace: 'shop', service: 'front', selector: { 'app.kubernetes.io/name': 'web' } }];
  expect(linesOf({ services }, 'service_selector_labels')).toEqual([
    'service_selector_labels{namespace="shop",service="front",label_app_kubernetes_io_name="web"} 1',
  ]);
});

test('the architecture is known by whichever label says it', () => {
  const arch = (labels: Record<string, string>) =>
    /arch="([^"]*)"/.exec(linesOf({ nodes: [{ ...NODE, labels }] }, 'node_gpu_count')[0] ?? '')?.[1];
  expect(arch({ 'kubernetes.io/arch': 'amd64' })).toBe('amd64');
  expect(arch({ label_kubernetes_io_arch: 'arm64' })).toBe('arm64');
  expect(arch({})).toBe('');
});

test('of an empty cluster only what is true without nodes is told', () => {
  expect(linesOf({}, 'kubecost_cluster_management_cost')).toEqual([
    'kubecost_cluster_management_cost{provisioner_name=""} 0.1',
  ]);
  expect(linesOf({}, 'kubecost_network_internet_egress_cost')).toEqual(['kubecost_network_internet_egress_cost 0.12']);
  expect(linesOf({}, 'node_total_hourly_cost')).toEqual([]);
});
