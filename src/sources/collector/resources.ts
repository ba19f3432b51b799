import type { ContainerSample } from '../../core/samples.ts';
import { amountField, BYTES, CORES, MILLICORES, readAmount } from '../amounts.ts';
import type { Faults } from '../faults.ts';
import { nameField, type Row, readRow } from '../fields.ts';

const CPU_USAGE = amountField('cpu_usage_cores', CORES);
const MEMORY_USAGE = amountField('memory_usage_bytes', BYTES);
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
  'cpuUsage' | 'memoryUsage' | 'cpuRequest' | 'memoryRequest' | 'cpuLimit' | 'memoryLimit'
>;

export function readResources(row: Row, faults: Faults): Resources {
  const requests = readQuantities(row, REQUESTS, faults);
  const limits = readQuantities(row, LIMITS, faults);
  return {
    cpuUsage: readAmount(row, CPU_USAGE, faults),
    memoryUsage: readAmount(row, MEMORY_USAGE, faults),
    cpuRequest: requests.cpu,
    memoryRequest: requests.memory,
    cpuLimit: limits.cpu,
    memoryLimit: limits.memory,
  };
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
