import { AppError } from '../lib/errors.ts';
import {
  amountOf,
  type ContainerReading,
  earliestOf,
  type Fields,
  fieldsOf,
  instantOf,
  listOf,
  type NodeReading,
  type PodReading,
  sumOf,
  textOf,
  type Usage,
} from './reading.ts';

const NANO = 1e9;
/** Kubernetes supports 110 a node, and some run 500. */
const PODS_MAX = 5_000;

/**
 * Reads the kubelet's `/stats/summary`. A pod without a name is passed over; an amount that is none counts as not known.
 * Throws `upstream_refused` where this is no summary at all.
 */
export function readSummary(body: unknown): NodeReading {
  const summary = fieldsOf(body);
  const node = fieldsOf(summary['node']);
  const name = textOf(node['nodeName']);
  if (name === '' || !Array.isArray(summary['pods'])) {
    throw new AppError('upstream_refused', 'cannot read what the kubelet says: it is no summary of a node');
  }
  const pods = listOf(summary['pods']);
  if (pods.length > PODS_MAX) {
    throw new AppError('upstream_refused', `cannot read ${pods.length} pods of one node; at most ${PODS_MAX}`);
  }
  return {
    node: name,
    at: instantOf(fieldsOf(node['cpu'])['time']) ?? instantOf(fieldsOf(node['memory'])['time']),
    pods: pods.map((pod) => readPod(fieldsOf(pod))).filter((pod) => pod !== null),
  };
}

function readPod(pod: Fields): PodReading | null {
  const { name, namespace, uid } = fieldsOf(pod['podRef']);
  if (textOf(name) === '' || textOf(namespace) === '' || textOf(uid) === '') return null;
  const containers = listOf(pod['containers']).map(fieldsOf);
  const readings = uniquelyNamed(containers.map(readContainer));
  const own = readUsage(pod);
  const network = readNetwork(fieldsOf(pod['network']));
  return {
    uid: textOf(uid),
    namespace: textOf(namespace),
    name: textOf(name),
    startedAt: earliestOf(containers.map(({ startTime }) => instantOf(startTime))) ?? instantOf(pod['startTime']),
    usage: {
      cores: own.cores ?? sumOf(readings.map(({ usage }) => usage.cores)),
      coreSeconds: own.coreSeconds ?? sumOf(readings.map(({ usage }) => usage.coreSeconds)),
      memoryBytes: own.memoryBytes ?? sumOf(readings.map(({ usage }) => usage.memoryBytes)),
    },
    ...network,
    containers: readings,
  };
}

function readContainer(container: Fields): ContainerReading {
  return { name: textOf(container['name']), usage: readUsage(container) };
}

/** One that is being replaced may be told of twice: the first is the one that runs. */
function uniquelyNamed(containers: readonly ContainerReading[]): ContainerReading[] {
  const byName = new Map<string, ContainerReading>();
  for (const container of containers) {
    if (container.name !== '' && !byName.has(container.name)) byName.set(container.name, container);
  }
  return [...byName.values()];
}

function readUsage(of: Fields): Usage {
  const cpu = fieldsOf(of['cpu']);
  const memory = fieldsOf(of['memory']);
  const [cores, coreSeconds] = [amountOf(cpu['usageNanoCores']), amountOf(cpu['usageCoreNanoSeconds'])];
  return {
    cores: cores === null ? null : cores / NANO,
    coreSeconds: coreSeconds === null ? null : coreSeconds / NANO,
    memoryBytes: amountOf(memory['workingSetBytes']) ?? amountOf(memory['usageBytes']),
  };
}

/** Of all interfaces together where they are listed; what goes over `lo` never leaves the pod. */
function readNetwork(network: Fields): Pick<PodReading, 'receivedBytes' | 'sentBytes'> {
  const listed = listOf(network['interfaces'])
    .map(fieldsOf)
    .filter(({ name }) => name !== 'lo');
  const interfaces = listed.length > 0 ? listed : [network];
  return {
    receivedBytes: sumOf(interfaces.map(({ rxBytes }) => amountOf(rxBytes))),
    sentBytes: sumOf(interfaces.map(({ txBytes }) => amountOf(txBytes))),
  };
}
