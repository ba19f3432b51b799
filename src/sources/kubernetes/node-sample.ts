import type { NodeSample } from '../../core/samples.ts';
import type { Labels, NodeRecord } from './records.ts';

/** Where clouds and autoscalers write what a node is; the second spelling is that of Kubernetes before 1.17. */
const INSTANCE_TYPE = ['node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type'];
const REGION = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];
const ZONE = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];

/** Labels that say that a node may be taken away, and what they then hold (in lower case). */
const SPOT: readonly (readonly [string, string])[] = [
  ['karpenter.sh/capacity-type', 'spot'],
  ['eks.amazonaws.com/capacitytype', 'spot'],
  ['cloud.google.com/gke-spot', 'true'],
  ['cloud.google.com/gke-preemptible', 'true'],
  ['kubernetes.azure.com/scalesetpriority', 'spot'],
];

/** A node at `at`. The API knows no price. */
export function nodeSample(node: NodeRecord, at: number): NodeSample {
  return {
    at,
    node: node.name,
    providerId: node.providerId,
    instanceType: firstOf(node.labels, INSTANCE_TYPE),
    region: firstOf(node.labels, REGION),
    zone: firstOf(node.labels, ZONE),
    spot: isSpot(node.labels),
    cpuCapacity: node.cpuCapacity,
    memoryCapacity: node.memoryCapacity,
    gpuCapacity: node.gpuCapacity,
    hourlyCost: null,
    labels: node.labels,
  };
}

function firstOf(labels: Labels, keys: readonly string[]): string {
  return keys.map((key) => labels[key]).find((value) => value !== undefined && value !== '') ?? '';
}

function isSpot(labels: Labels): boolean {
  return Object.entries(labels).some(([key, value]) =>
    SPOT.some(([spotKey, spotValue]) => key.toLowerCase() === spotKey && value.toLowerCase() === spotValue),
  );
}
