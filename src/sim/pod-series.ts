/** What cAdvisor and kube-state-metrics tell of a pod. */
import { SECOND_MS } from '../lib/clock.ts';
import { asksOf } from './asks.ts';
import type { Counters } from './counters.ts';
import type { PodRun } from './pod-runs.ts';
import { labelNames, point, type SeriesPoint } from './series-point.ts';
import type { SeenPod } from './snapshot.ts';

const NANOCORES_PER_CORE = 1e9;
const NANOS_PER_GPU = 1e9;
const NANOCORE_MS_PER_CORE_SECOND = 1e12;
/** Page cache beyond the working set, which `container_memory_usage_bytes` counts too. */
const CACHE_PERCENT = 30;
/** A pod sends so much of what it receives. */
const SENT_PERCENT = 40;
const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;

/** cAdvisor's, from the pod's node: usage of each container, network of the pod. */
export function* podUsageSeries(seen: SeenPod, counters: Counters, at: number): Generator<SeriesPoint> {
  const { run, usage } = seen;
  const { namespace } = run.placement.workload;
  const pod = { namespace, pod: run.name, node: run.node.name };
  for (const [index, container] of run.containers.entries()) {
    const { name } = container.plan;
    const labels = { ...pod, container: name, image: imageOf(namespace, name), name: cgroupOf(run, index) };
    const seconds = Number(counters.cpuUsed(run, container, at)) / NANOCORE_MS_PER_CORE_SECOND;
    const memory = usage[index]?.memory ?? 0;
    yield point('container_cpu_usage_seconds_total', labels, seconds);
    yield point('container_memory_working_set_bytes', labels, memory);
    yield point('container_memory_usage_bytes', labels, Math.floor((memory * (100 + CACHE_PERCENT)) / 100));
    yield* gpuSeries({ ...pod, container: name }, container.plan.gpus, usage[index]?.gpu ?? 0);
  }
  const received = Math.floor(((at - run.start) * run.receivedBytesPerSecond) / SECOND_MS);
  const network = { ...pod, interface: 'eth0', image: 'registry.k8s.io/pause:3.10', name: cgroupOf(run, 'sandbox') };
  yield point('container_network_receive_bytes_total', network, received);
  yield point('container_network_transmit_bytes_total', network, Math.floor((received * SENT_PERCENT) / 100));
}

/** NVIDIA's DCGM exporter: how busy each GPU of a container is, all of them alike. */
function* gpuSeries(labels: Readonly<Record<string, string>>, gpus: number, nanos: number): Generator<SeriesPoint> {
  for (let gpu = 0; gpu < gpus; gpu += 1) {
    const each = { ...labels, gpu: `${gpu}`, modelName: 'Tesla T4' };
    yield point('DCGM_FI_PROF_GR_ENGINE_ACTIVE', each, nanos / gpus / NANOS_PER_GPU);
  }
}

/** kube-state-metrics', as long as the API server lists the pod. */
export function* podStateSeries({ run, phase }: SeenPod): Generator<SeriesPoint> {
  const { workload } = run.placement;
  const pod = { namespace: workload.namespace, pod: run.name, uid: run.uid };
  const owner = { created_by_kind: run.ownerKind, created_by_name: run.ownerName };
  yield point('kube_pod_info', { ...pod, node: run.node.name, ...owner, host_network: 'false' }, 1);
  for (const each of PHASES) yield point('kube_pod_status_phase', { ...pod, phase: each }, each === phase ? 1 : 0);
  yield point('kube_pod_owner', { ...pod, ...ownerLabels(run.ownerKind, run.ownerName) }, 1);
  yield point('kube_pod_labels', { ...pod, ...labelNames(run.labels) }, 1);
  yield point('kube_pod_start_time', pod, Math.floor(run.start / SECOND_MS));
  if (phase === 'Succeeded') yield point('kube_pod_completion_time', pod, Math.floor(run.end / SECOND_MS));
  yield* askSeries(run);
  if (workload.volumeBytes > 0) {
    const persistentvolumeclaim = `data-${workload.name}-${run.placement.replica}`;
    yield point(
      'kube_pod_spec_volumes_persistentvolumeclaims_info',
      { ...pod, volume: 'data', persistentvolumeclaim },
      1,
    );
  }
}

function* askSeries(run: PodRun): Generator<SeriesPoint> {
  const { workload } = run.placement;
  const asks = asksOf(workload).containers;
  for (const [index, { name }] of workload.containers.entries()) {
    const ask = asks[index];
    if (!ask) continue;
    const pod = { namespace: workload.namespace, pod: run.name, uid: run.uid };
    const labels = { ...pod, container: name, node: run.node.name };
    yield* resources('kube_pod_container_resource_requests', labels, [ask.cpuRequest, ask.memoryRequest]);
    yield* resources('kube_pod_container_resource_limits', labels, [ask.cpuLimit, ask.memoryLimit]);
    if (ask.gpus === 0) continue;
    const gpus = { ...labels, resource: 'nvidia_com_gpu', unit: 'integer' };
    yield point('kube_pod_container_resource_requests', gpus, ask.gpus);
    yield point('kube_pod_container_resource_limits', gpus, ask.gpus);
  }
}

/** A resource that is not asked for has no series. */
function* resources(
  metric: string,
  labels: Readonly<Record<string, string>>,
  [nanocores, bytes]: readonly [number, number],
): Generator<SeriesPoint> {
  if (nanocores > 0) yield point(metric, { ...labels, resource: 'cpu', unit: 'core' }, nanocores / NANOCORES_PER_CORE);
  if (bytes > 0) yield point(metric, { ...labels, resource: 'memory', unit: 'byte' }, bytes);
}

/** The owner's own owner: what stands above a ReplicaSet or a Job. */
export function* ownerSeries(run: PodRun): Generator<SeriesPoint> {
  const { namespace, name } = run.placement.workload;
  if (run.ownerKind === 'ReplicaSet') {
    const labels = { namespace, replicaset: run.ownerName, ...ownerLabels('Deployment', name) };
    yield point('kube_replicaset_owner', labels, 1);
  }
  if (run.ownerKind === 'Job') {
    yield point('kube_job_owner', { namespace, job_name: run.ownerName, ...ownerLabels('CronJob', name) }, 1);
  }
}

function ownerLabels(kind: string, name: string) {
  return { owner_kind: kind, owner_name: name, owner_is_controller: 'true' };
}

function imageOf(namespace: string, name: string): string {
  return `registry.example.com/${namespace}/${name}:1`;
}

/** cAdvisor's name of a cgroup: like a container runtime's id, one for each container of each pod. */
function cgroupOf(run: PodRun, part: number | 'sandbox'): string {
  return `${run.uid.replaceAll('-', '')}-${part}`;
}
