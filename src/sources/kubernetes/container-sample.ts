import type { Controller } from '../../core/controller.ts';
import { gpuRequestOf } from '../../core/gpu.ts';
import type { ContainerSample } from '../../core/samples.ts';
import type { ContainerRecord, ContainerRun, Labels, PodRecord } from './records.ts';

/** A container of a pod, who the pod belongs to, and the labels of its node, which say how GPUs there are shared. */
export interface ContainerOfPod {
  readonly pod: PodRecord;
  readonly container: ContainerRecord;
  readonly controller: Controller;
  readonly nodeLabels: Labels;
}

/** The container at `at`: in `run`, or waiting where there is none. The watch knows requests, never usage. */
export function containerSample(
  { pod, container, controller, nodeLabels }: ContainerOfPod,
  at: number,
  run: ContainerRun | null,
): ContainerSample {
  return {
    at,
    node: pod.node,
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    container: container.name,
    controllerKind: controller.kind,
    controller: controller.name,
    phase: phaseOf(run),
    cpuUsage: null,
    cpuRequest: container.cpuRequest,
    cpuLimit: container.cpuLimit,
    memoryUsage: null,
    memoryRequest: container.memoryRequest,
    memoryLimit: container.memoryLimit,
    ...(container.gpuRequests && { gpuRequest: gpuRequestOf(container.gpuRequests, nodeLabels) }),
    networkReceived: null,
    networkSent: null,
    startedAt: run?.startedAt ?? null,
    endedAt: run?.endedAt ?? null,
    labels: pod.labels,
    ...(Object.keys(pod.annotations).length > 0 && { annotations: pod.annotations }),
  };
}

function phaseOf(run: ContainerRun | null): string {
  if (run === null) return 'Pending';
  if (run.endedAt === null) return 'Running';
  return run.failed ? 'Failed' : 'Succeeded';
}
