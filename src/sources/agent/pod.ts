import { resolveController } from '../../core/controller.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { amountField, BYTES, GPUS, isTold, MILLICORES, readAmount } from '../amounts.ts';
import { readContainers } from '../containers.ts';
import type { Faults } from '../faults.ts';
import { nameField, type Row, readLabels, readNamespace, readRequiredText, readText } from '../fields.ts';

/** The name under which a namespace's total stands among the pods. */
const NAMESPACE_TOTAL = '__aggregate__';

const POD = nameField('pod_name');
const NAMESPACE = nameField('namespace');
const NODE = nameField('node_name');
const PHASE = nameField('phase');
const LABELS = nameField('labels');
const CPU_USAGE = amountField('cpu_usage_millicores', MILLICORES);
const CPU_REQUEST = amountField('cpu_request_millicores', MILLICORES);
const CPU_LIMIT = amountField('cpu_limit_millicores', MILLICORES);
const MEMORY_USAGE = amountField('memory_usage_bytes', BYTES);
const MEMORY_REQUEST = amountField('memory_request_bytes', BYTES);
const MEMORY_LIMIT = amountField('memory_limit_bytes', BYTES);
const GPU_USAGE = amountField('gpu_usage', GPUS);
const GPU_REQUEST = amountField('gpu_request', GPUS);

/** What an agent never tells. */
const UNKNOWN = { podUid: '', networkReceived: null, networkSent: null, startedAt: null, endedAt: null };
const CONTAINERS = {
  name: nameField('container_name'),
  read: (row: Row, container: string, faults: Faults) => ({ container, ...readResources(row, faults) }),
};

export function isTotal(row: Row): boolean {
  return row[POD.key] === NAMESPACE_TOTAL;
}

/**
 * One row of `pod_metrics`: a sample for each container where it lists them, else one for the pod. Where a fault is noted
 * the samples are worthless.
 */
export function readPod(row: Row, at: number, faults: Faults): readonly ContainerSample[] {
  const pod = readFacts(row, at, faults);
  const containers = readContainers(row, CONTAINERS, faults);
  if (containers.length === 0) return [{ ...pod, container: '', ...readResources(row, faults) }];
  return containers.map((resources) => ({ ...pod, ...resources }));
}

function readFacts(row: Row, at: number, faults: Faults) {
  const pod = readRequiredText(row, POD, faults);
  const labels = readLabels(row, LABELS, faults);
  const controller = resolveController({ kind: '', name: '', labels, pod });
  return {
    ...UNKNOWN,
    at,
    node: readText(row, NODE, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    pod,
    controllerKind: controller.kind,
    controller: controller.name,
    phase: readText(row, PHASE, faults),
    labels,
  };
}

function readResources(row: Row, faults: Faults) {
  return {
    cpuUsage: readAmount(row, CPU_USAGE, faults),
    cpuRequest: readAmount(row, CPU_REQUEST, faults),
    cpuLimit: readAmount(row, CPU_LIMIT, faults),
    memoryUsage: readAmount(row, MEMORY_USAGE, faults),
    memoryRequest: readAmount(row, MEMORY_REQUEST, faults),
    memoryLimit: readAmount(row, MEMORY_LIMIT, faults),
    ...(isTold(row, GPU_USAGE) && { gpuUsage: readAmount(row, GPU_USAGE, faults) }),
    ...(isTold(row, GPU_REQUEST) && { gpuRequest: readAmount(row, GPU_REQUEST, faults) }),
  };
}
