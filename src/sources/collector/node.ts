import { gpuCapacityOf, type NodeLabels } from '../../core/gpu.ts';
import type { NodeSample } from '../../core/samples.ts';
import { amountField, BYTES, CORES, readCapacity, readHourlyCost } from '../amounts.ts';
import type { Faults } from '../faults.ts';
import { nameField, providerIdField, type Row, readFlag, readLabels, readRow, readText } from '../fields.ts';
import type { Rejections } from '../rows.ts';
import { countsAmong } from './resources.ts';

const EC2_INSTANCE = nameField('ec2_instance_id');
const CPU_CAPACITY_CORES = amountField('node_cpu_capacity_cores', CORES);
const MEMORY_CAPACITY_BYTES = amountField('node_memory_capacity_bytes', BYTES);
const NODE = nameField('node');
const CAPACITY = nameField('capacity', 'node.capacity');
const CPU_CAPACITY = amountField('cpu', CORES, 'node.capacity.cpu');
const MEMORY_CAPACITY = amountField('memory', BYTES, 'node.capacity.memory');
const PROVIDER_ID = providerIdField('provider_id', 'node.provider_id');
const INSTANCE_TYPE = nameField('instance_type', 'node.instance_type');
const REGION = nameField('region', 'node.region');
const ZONE = nameField('zone', 'node.zone');
const SPOT = nameField('spot', 'node.spot');
const HOURLY_COST = nameField('hourly_cost_usd', 'node.hourly_cost_usd');
const LABELS = nameField('labels', 'node.labels');

const NOTHING: Row = {};

/**
 * The node of a post. Where what is said of it has a fault, that is refused like a row, and the node stays known by its
 * name: its pods are still good.
 */
export function readNode(post: Row, { at, node }: Pick<NodeSample, 'at' | 'node'>, rejections: Rejections): NodeSample {
  const faults: Faults = { first: null };
  const facts = readFacts(post, faults);
  if (!faults.first) return { at, node, ...facts };
  rejections.refuse(faults.first, '', 0);
  return { at, node, ...readFacts(NOTHING, { first: null }) };
}

function readGpuCapacity(capacity: Row, labels: NodeLabels): Pick<NodeSample, 'gpuCapacity'> {
  const gpuCapacity = gpuCapacityOf(countsAmong(capacity), labels);
  return gpuCapacity === null ? {} : { gpuCapacity };
}

function readFacts(post: Row, faults: Faults): Omit<NodeSample, 'at' | 'node'> {
  const described = readRow(post, NODE, faults) ?? NOTHING;
  const capacity = readRow(described, CAPACITY, faults) ?? NOTHING;
  const ec2Instance = readText(post, EC2_INSTANCE, faults);
  const labels = readLabels(described, LABELS, faults);
  return {
    providerId: readText(described, PROVIDER_ID, faults) || ec2Instance,
    instanceType: readText(described, INSTANCE_TYPE, faults),
    region: readText(described, REGION, faults),
    zone: readText(described, ZONE, faults),
    spot: readFlag(described, SPOT, faults),
    cpuCapacity: readCapacity(capacity, CPU_CAPACITY, faults) ?? readCapacity(post, CPU_CAPACITY_CORES, faults),
    ...readGpuCapacity(capacity, labels),
    memoryCapacity:
      readCapacity(capacity, MEMORY_CAPACITY, faults) ?? readCapacity(post, MEMORY_CAPACITY_BYTES, faults),
    hourlyCost: readHourlyCost(described, HOURLY_COST, faults),
    labels,
  };
}
