/** What the pods of a workload ask for, added up and written out once: it is the same in every row of every post. */
import { formatBytes, formatNanocores } from '../lib/quantity.ts';
import type { ContainerPlan, WorkloadPlan } from './plan.ts';

/** Kubernetes quantities; a resource that is not asked for is absent. */
export interface Quantities {
  readonly cpu?: string;
  readonly memory?: string;
  readonly 'nvidia.com/gpu'?: string;
}

export interface Asks {
  /** Nanocores and bytes; what is not asked for is 0. */
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
  /** Whole GPUs. */
  readonly gpus: number;
  readonly requests: Quantities;
  readonly limits: Quantities;
}

export interface PodAsks extends Asks {
  readonly qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort';
  /** Of each container, in order. */
  readonly containers: readonly Asks[];
}

const known = new WeakMap<WorkloadPlan, PodAsks>();

export function asksOf(workload: WorkloadPlan): PodAsks {
  const found = known.get(workload);
  if (found) return found;
  const asks = {
    ...addedUp(workload.containers),
    qosClass: qosClass(workload.containers),
    containers: workload.containers.map((container) => addedUp([container])),
  };
  known.set(workload, asks);
  return asks;
}

function addedUp(containers: readonly ContainerPlan[]): Asks {
  const sum = (amount: (container: ContainerPlan) => number | null) =>
    containers.reduce((total, container) => total + (amount(container) ?? 0), 0);
  const cpuRequest = sum((container) => container.cpuRequest);
  const cpuLimit = sum((container) => container.cpuLimit);
  const memoryRequest = sum((container) => container.memoryRequest);
  const memoryLimit = sum((container) => container.memoryLimit);
  const gpus = sum((container) => container.gpus);
  return {
    cpuRequest,
    cpuLimit,
    memoryRequest,
    memoryLimit,
    gpus,
    requests: quantities(cpuRequest, memoryRequest, gpus),
    limits: quantities(cpuLimit, memoryLimit, gpus),
  };
}

function quantities(cpu: number, memory: number, gpus: number): Quantities {
  return {
    ...(cpu > 0 && { cpu: formatNanocores(cpu) }),
    ...(memory > 0 && { memory: formatBytes(memory) }),
    ...(gpus > 0 && { 'nvidia.com/gpu': `${gpus}` }),
  };
}

function qosClass(containers: readonly ContainerPlan[]): PodAsks['qosClass'] {
  const asksNothing = ({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: ContainerPlan) =>
    (cpuRequest ?? cpuLimit ?? memoryRequest ?? memoryLimit) === null;
  if (containers.every(asksNothing)) return 'BestEffort';
  const isFixed = ({ cpuRequest, cpuLimit, memoryRequest, memoryLimit }: ContainerPlan) =>
    cpuLimit !== null && memoryLimit !== null && cpuRequest === cpuLimit && memoryRequest === memoryLimit;
  return containers.every(isFixed) ? 'Guaranteed' : 'Burstable';
}
