import type { NodeSample } from '../../core/samples.ts';
import { amountField, BYTES, GPUS, isTold, MILLICORES, readCapacity, readHourlyCost } from '../amounts.ts';
import type { Faults } from '../faults.ts';
import { nameField, type Row, readRequiredText, readText } from '../fields.ts';

const NODE = nameField('node_name');
const INSTANCE_TYPE = nameField('instance_type');
const CPU_CAPACITY = amountField('cpu_capacity', MILLICORES);
const MEMORY_CAPACITY = amountField('memory_capacity', BYTES);
const GPU_CAPACITY = amountField('gpu_capacity', GPUS);
const HOURLY_COST = nameField('hourly_cost_usd');

/** Every known key without case and underscores → the key as documented. */
const KEYS = new Map(
  [NODE, INSTANCE_TYPE, CPU_CAPACITY, MEMORY_CAPACITY, GPU_CAPACITY, HOURLY_COST].map(({ key }) => [
    plainKey(key),
    key,
  ]),
);

/** One row of `node_metrics`. */
export function readNode(row: Row, at: number, faults: Faults): NodeSample {
  const node = withDocumentedKeys(row);
  return {
    ...unknownNode(readRequiredText(node, NODE, faults), at),
    instanceType: readText(node, INSTANCE_TYPE, faults),
    cpuCapacity: readCapacity(node, CPU_CAPACITY, faults),
    memoryCapacity: readCapacity(node, MEMORY_CAPACITY, faults),
    ...(isTold(node, GPU_CAPACITY) && { gpuCapacity: readCapacity(node, GPU_CAPACITY, faults) }),
    hourlyCost: readHourlyCost(node, HOURLY_COST, faults),
  };
}

/** A node of which nothing but its name is known, because only its pods were reported. */
export function unknownNode(node: string, at: number): NodeSample {
  return {
    at,
    node,
    providerId: '',
    instanceType: '',
    region: '',
    zone: '',
    spot: false,
    cpuCapacity: null,
    memoryCapacity: null,
    hourlyCost: null,
    labels: {},
  };
}

/**
 * Agents in the field write Go's names of these fields (`NodeName`, `CPUCapacity`, `HourlyCostUSD`), because their struct
 * carries no JSON names. A field spelt as documented wins over another spelling of it.
 */
function withDocumentedKeys(row: Row): Row {
  const documented: Record<string, unknown> = {};
  for (const key of Object.keys(row)) {
    const name = KEYS.get(plainKey(key));
    if (name !== undefined && (key === name || !Object.hasOwn(row, name))) documented[name] = row[key];
  }
  return documented;
}

function plainKey(key: string): string {
  return key.replaceAll('_', '').toLowerCase();
}
