import { gpuRequestOf, type NodeLabels, type ResourceCounts } from '../../core/gpu.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { amountField, BYTES, CORES, GPUS, isTold, MILLICORES, readAmount } from '../amounts.ts';
import type { Faults } from '../faults.ts';
import { isRow, nameField, type Row, readRow } from '../fields.ts';

const CPU_USAGE = amountField('cpu_usage_cores', CORES);
const MEMORY_USAGE = amountField('memory_usage_bytes', BYTES);
const GPU_USAGE = amountField('gpu_usage', GPUS);
const REQUESTS = {
  object: nameField('requests'),
  cpu: amountField('cpu', CORES, 'requests.cpu'),
  memory: amountField('memory', BYTES, 'requests.memory'),
  flatCpu: amountField('requests_cpu_millicores', MILLICORES),
  flatMemory: amountField('requests_memory_bytes', BYTES),
};
const LIMITS: typeof REQUESTS = {
  object: nameField('limits'),
  cpu: amountField('cpu', CORES, 'limits.cpu'),
  memory: amountField('memory', BYTES, 'limits.memory'),
  flatCpu: amountField('limits_cpu_millicores', MILLICORES),
  flatMemory: amountField('limits_memory_bytes', BYTES),
};

/** What a pod or container uses, asks for and may use at most. */
type Resources = Pick<
  ContainerSample,
  'cpuUsage' | 'memoryUsage' | 'cpuRequest' | 'memoryRequest' | 'cpuLimit' | 'memoryLimit' | 'gpuUsage' | 'gpuRequest'
>;

/** `nodeLabels` say how GPUs of the node are shared. */
export function readResources(row: Row, nodeLabels: NodeLabels, faults: Faults): Resources {
  const requests = readQuantities(row, REQUESTS, faults);
  const limits = readQuantities(row, LIMITS, faults);
  return {
    cpuUsage: readAmount(row, CPU_USAGE, faults),
    memoryUsage: readAmount(row, MEMORY_USAGE, faults),
    cpuRequest: requests.cpu,
    memoryRequest: requests.memory,
    cpuLimit: limits.cpu,
    memoryLimit: limits.memory,
    ...(isTold(row, GPU_USAGE) && { gpuUsage: readAmount(row, GPU_USAGE, faults) }),
    ...readGpuRequest(row, nodeLabels),
  };
}

/** Devices by the names of their resources, which are as many as there are vendors; only GPUs count. */
function readGpuRequest(row: Row, nodeLabels: NodeLabels): Pick<Resources, 'gpuRequest'> {
  const requests = row[REQUESTS.object.key];
  const gpuRequest = isRow(requests) ? gpuRequestOf(countsAmong(requests), nodeLabels) : null;
  return gpuRequest === null ? {} : { gpuRequest };
}

/** What is neither number nor text is no quantity. */
export function countsAmong(quantities: Row): ResourceCounts {
  const counts: Record<string, string | number> = Object.create(null);
  for (const [resource, quantity] of Object.entries(quantities)) {
    if (typeof quantity === 'string' || typeof quantity === 'number') counts[resource] = quantity;
  }
  return counts;
}

/** As a pod's spec has them (`requests: {cpu, memory}`), else flat, as the aggregator's data files have them. */
function readQuantities(row: Row, fields: typeof REQUESTS, faults: Faults) {
  const nested = readRow(row, fields.object, faults);
  const source = nested ?? row;
  return {
    cpu: readAmount(source, nested ? fields.cpu : fields.flatCpu, faults),
    memory: readAmount(source, nested ? fields.memory : fields.flatMemory, faults),
  };
}
