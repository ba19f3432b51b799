import { z } from 'zod';
import { gpuShareOf } from '../../core/gpu.ts';
import { keptAnnotations } from './annotations.ts';
import type { ContainerRecord, ContainerRun, PodRecord } from './records.ts';
import { type DeclaredContainer, effectiveRequests } from './requests.ts';
import { bytesOf, cpuOf, Instant, Metadata, Quantities, Text } from './wire.ts';

const Resources = z.object({ requests: Quantities, limits: Quantities }).nullish();

const Container = z.object({ name: z.string().min(1), restartPolicy: Text, resources: Resources });
type Container = z.infer<typeof Container>;

const Terminated = z.object({ startedAt: Instant, finishedAt: Instant, exitCode: z.number().nullish() }).nullish();
const State = z.object({ running: z.object({ startedAt: Instant }).nullish(), terminated: Terminated }).nullish();

const Status = z.object({
  name: z.string(),
  state: State,
  lastState: State,
  resources: Resources,
  allocatedResources: Quantities,
});
type Status = z.infer<typeof Status>;

const Mount = z.object({
  name: Text,
  persistentVolumeClaim: z.object({ claimName: Text }).nullish(),
  ephemeral: z.unknown().optional(),
});

const Pod = z.object({
  metadata: Metadata,
  spec: z.object({
    nodeName: Text,
    containers: z.array(Container).nullish(),
    initContainers: z.array(Container).nullish(),
    overhead: Quantities,
    resources: Resources,
    volumes: z.array(Mount).nullish(),
  }),
  status: z
    .object({
      phase: Text,
      startTime: Instant,
      containerStatuses: z.array(Status).nullish(),
      initContainerStatuses: z.array(Status).nullish(),
    })
    .nullish(),
});
type Pod = z.infer<typeof Pod>;

/** What is kept of a pod. Throws where `object` is none. */
export function readPod(object: unknown): PodRecord {
  const pod = Pod.parse(object);
  const { uid, namespace, name, createdAt, deletedAt, labels, owner } = pod.metadata;
  return {
    uid,
    namespace,
    name,
    createdAt,
    deletedAt,
    labels,
    annotations: keptAnnotations(object),
    owner,
    node: pod.spec.nodeName,
    phase: pod.status?.phase ?? '',
    claims: claimsOf(pod),
    containers: containersOf(pod),
  };
}

function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    // A generic ephemeral volume is a claim that the cluster makes, under this name.
    return volume.ephemeral ? [`${metadata.name}-${volume.name}`] : [];
  });
}

function containersOf({ spec, status }: Pod): ContainerRecord[] {
  const statuses = new Map<string, Status>();
  for (const one of status?.initContainerStatuses ?? []) statuses.set(one.name, one);
  for (const one of status?.containerStatuses ?? []) statuses.set(one.name, one);

  const initContainers = spec.initContainers ?? [];
  const containers = spec.containers ?? [];
  const requests = effectiveRequests({
    initContainers: initContainers.map((container) => declared(container, statuses)),
    containers: containers.map((container) => declared(container, statuses)),
    overhead: spec.overhead,
    podRequests: spec.resources?.requests ?? null,
  });
  return [...initContainers, ...containers].map((container, index) => {
    const state = statuses.get(container.name);
    const limits = state?.resources?.limits ?? container.resources?.limits ?? null;
    return {
      name: container.name,
      cpuRequest: requests.cpu[index] ?? 0,
      memoryRequest: requests.memory[index] ?? 0,
      gpuRequests: gpusAmong(container.resources?.requests ?? container.resources?.limits),
      cpuLimit: cpuOf(limits),
      memoryLimit: bytesOf(limits, 'memory'),
      runs: state ? runsOf(state, status?.startTime ?? null) : [],
      waiting: state ? !state.state?.running && !state.state?.terminated : false,
    };
  });
}

/** Devices are never allocated otherwise than the spec asks: there is no resize of them. */
function gpusAmong(requests: Quantities | undefined): Quantities {
  const gpus = Object.entries(requests ?? {}).filter(([resource]) => gpuShareOf(resource) !== null);
  return gpus.length === 0 ? null : Object.fromEntries(gpus);
}

function declared({ name, restartPolicy, resources }: Container, statuses: Map<string, Status>): DeclaredContainer {
  const status = statuses.get(name);
  const requests = status?.allocatedResources ?? status?.resources?.requests ?? resources?.requests ?? null;
  return { name, isSidecar: restartPolicy === 'Always', requests };
}

/**
 * What ended before the run of now, and the run of now. A container that could not be started never ran. Of two runs that
 * began in one second the first cost nothing, and could only be taken for the second.
 */
function runsOf({ state, lastState }: Status, podStartedAt: number | null): ContainerRun[] {
  const before = endedRun(lastState?.terminated);
  const last = endedRun(state?.terminated);
  const startedAt = state?.running ? (state.running.startedAt ?? podStartedAt) : null;
  const current = startedAt === null ? last : { startedAt, endedAt: null, failed: false };
  const runs = before?.startedAt === current?.startedAt ? [current] : [before, current];
  return runs.filter((run) => run !== null);
}

function endedRun(terminated: z.infer<typeof Terminated>): ContainerRun | null {
  if (!terminated?.startedAt) return null;
  const { startedAt, finishedAt, exitCode } = terminated;
  return { startedAt, endedAt: Math.max(finishedAt ?? startedAt, startedAt), failed: (exitCode ?? 0) !== 0 };
}
