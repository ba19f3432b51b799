/** What kube-state-metrics and OpenCost tell of a node. */
import { DEFAULT_PRICE_BOOK, priceNode } from '../core/pricing.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { moneyToNumber } from '../lib/money.ts';
import type { NodeRun } from './node-runs.ts';
import { allocatable } from './scheduler.ts';
import { labelNames, point, type SeriesPoint } from './series-point.ts';

const NANOCORES_PER_CORE = 1e9;
const GIB = 2 ** 30;

export function* nodeSeries(node: NodeRun, region: string): Generator<SeriesPoint> {
  const { instance } = node.slot.pool;
  const info = { node: node.name, provider_id: node.providerId, internal_ip: hostOf(node), kubelet_version: 'v1.31.4' };
  yield point('kube_node_info', info, 1);
  yield point('kube_node_labels', { node: node.name, ...labelNames(node.labels) }, 1);
  const free = allocatable(instance);
  const capacity = { cpu: instance.cpuNanocores, memory: instance.memoryBytes };
  yield* sizes('kube_node_status_capacity', node, capacity);
  yield* sizes('kube_node_status_allocatable', node, free);
  if (instance.gpus > 0) {
    const gpus = { node: node.name, resource: 'nvidia_com_gpu', unit: 'integer' };
    yield point('kube_node_status_capacity', gpus, instance.gpus);
    yield point('kube_node_status_allocatable', gpus, instance.gpus);
  }
  yield* prices(node, region);
}

function* sizes(metric: string, { name: node }: NodeRun, { cpu, memory }: { cpu: number; memory: number }) {
  yield point(metric, { node, resource: 'cpu', unit: 'core' }, cpu / NANOCORES_PER_CORE);
  yield point(metric, { node, resource: 'memory', unit: 'byte' }, memory);
}

/** OpenCost splits a node's price in the ratio of its parts at default rates. None where the fleet's owner names no price. */
function* prices(node: NodeRun, region: string): Generator<SeriesPoint> {
  const { instance, spot } = node.slot.pool;
  const labels = {
    node: node.name,
    instance: node.name,
    instance_type: instance.name,
    region,
    provider_id: node.providerId,
    arch: 'amd64',
  };
  yield point('kubecost_node_is_spot', labels, spot ? 1 : 0);
  if (node.hourlyPrice === null) return;
  const hour = BigInt(HOUR_MS);
  const capacity = {
    cpu: (BigInt(instance.cpuNanocores) * hour) / 1_000_000n,
    ram: (BigInt(instance.memoryBytes) * hour) / 1_000n,
    gpu: (BigInt(instance.gpus) * 1_000_000_000n * hour) / 1_000_000n,
  };
  const { cpu, ram, gpu } = priceNode({ capacity, spot, reported: node.hourlyPrice }, DEFAULT_PRICE_BOOK);
  yield point('node_total_hourly_cost', labels, moneyToNumber(node.hourlyPrice));
  yield point('node_cpu_hourly_cost', labels, moneyToNumber(cpu) / (instance.cpuNanocores / NANOCORES_PER_CORE));
  yield point('node_ram_hourly_cost', labels, moneyToNumber(ram) / (instance.memoryBytes / GIB));
  if (instance.gpus === 0) return;
  yield point('node_gpu_count', labels, instance.gpus);
  yield point('node_gpu_hourly_cost', labels, moneyToNumber(gpu) / instance.gpus);
}

/** Its address, which is in its name. */
export function hostOf({ name }: NodeRun): string {
  return name.slice('ip-'.length, name.indexOf('.')).replaceAll('-', '.');
}
