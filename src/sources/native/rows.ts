/** Readers of the rows of a native post: each makes one sample, worthless where it notes a fault. */
import type {
  BalancerSample,
  ContainerSample,
  NamespaceSample,
  NodeSample,
  ServiceSample,
  VolumeSample,
} from '../../core/samples.ts';
import {
  amountField,
  BYTES,
  COUNTED_BYTES,
  isTold,
  NANOCORES,
  NANOGPUS,
  readAmount,
  readCapacity,
  readHourlyCost,
} from '../amounts.ts';
import { type Faults, note } from '../faults.ts';
import {
  type Field,
  NAME_CHARS_MAX,
  nameField,
  providerIdField,
  type Row,
  readFlag,
  readLabels,
  readNamespace,
  readRequiredText,
  readText,
  UNPRINTABLE,
} from '../fields.ts';
import { KNOWN_SINCE } from '../instant.ts';

/** Between which instants a sample may lie, milliseconds since the epoch, both included. */
export interface Bounds {
  readonly earliest: number;
  readonly latest: number;
}

const AT = nameField('at_ms');
const STARTED_AT = nameField('started_at_ms');
const ENDED_AT = nameField('ended_at_ms');
const NODE = nameField('node');
const NAMESPACE = nameField('namespace');
const POD = nameField('pod');
const POD_UID = nameField('pod_uid');
const CONTAINER = nameField('container');
const CONTROLLER_KIND = nameField('controller_kind');
const CONTROLLER = nameField('controller');
const PHASE = nameField('phase');
const LABELS = nameField('labels');
const ANNOTATIONS = nameField('annotations');
const CPU_USAGE = amountField('cpu_usage_nanocores', NANOCORES);
const CPU_REQUEST = amountField('cpu_request_nanocores', NANOCORES);
const CPU_LIMIT = amountField('cpu_limit_nanocores', NANOCORES);
const MEMORY_USAGE = amountField('memory_usage_bytes', BYTES);
const MEMORY_REQUEST = amountField('memory_request_bytes', BYTES);
const MEMORY_LIMIT = amountField('memory_limit_bytes', BYTES);
const GPU_USAGE = amountField('gpu_usage_nanogpus', NANOGPUS);
const GPU_REQUEST = amountField('gpu_request_nanogpus', NANOGPUS);
const RECEIVED = amountField('network_received_bytes', COUNTED_BYTES);
const SENT = amountField('network_sent_bytes', COUNTED_BYTES);
const ZONE_SENT = amountField('network_zone_sent_bytes', COUNTED_BYTES);
const REGION_SENT = amountField('network_region_sent_bytes', COUNTED_BYTES);
const INTERNET_SENT = amountField('network_internet_sent_bytes', COUNTED_BYTES);
const PROVIDER_ID = providerIdField('provider_id');
const INSTANCE_TYPE = nameField('instance_type');
const REGION = nameField('region');
const ZONE = nameField('zone');
const SPOT = nameField('spot');
const CPU_CAPACITY = amountField('cpu_capacity_nanocores', NANOCORES);
const MEMORY_CAPACITY = amountField('memory_capacity_bytes', BYTES);
const GPU_CAPACITY = amountField('gpu_capacity_nanogpus', NANOGPUS);
const HOURLY_COST = nameField('hourly_cost_usd');
const CLAIM = nameField('claim');
const VOLUME = nameField('volume');
const STORAGE_CLASS = nameField('storage_class');
/** Disks are larger than memories. */
const CAPACITY = amountField('capacity_bytes', COUNTED_BYTES);
const REQUEST = amountField('request_bytes', COUNTED_BYTES);
const USAGE = amountField('usage_bytes', COUNTED_BYTES);
const PODS = nameField('pods');
const SERVICE = nameField('service');
const INGRESS = nameField('ingress');
const SELECTOR = nameField('selector');

/** A volume that many nodes may mount is mounted by this many pods at most. */
const VOLUME_PODS_MAX = 10_000;
const NO_PODS: readonly string[] = [];
const SENT_TO = [ZONE_SENT, REGION_SENT, INTERNET_SENT];
const NOTHING_SENT = {};

export function readContainer(row: Row, bounds: Bounds, faults: Faults): ContainerSample {
  const at = readAt(row, bounds, faults);
  const startedAt = readLife(row, STARTED_AT, { bounds, faults });
  const endedAt = readLife(row, ENDED_AT, { bounds, faults });
  if (startedAt !== null && endedAt !== null && endedAt < startedAt) {
    note(faults, ENDED_AT.path, 'must not be before started_at_ms');
  }
  return {
    at,
    node: readText(row, NODE, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    pod: readRequiredText(row, POD, faults),
    podUid: readText(row, POD_UID, faults),
    container: readText(row, CONTAINER, faults),
    controllerKind: readText(row, CONTROLLER_KIND, faults),
    controller: readText(row, CONTROLLER, faults),
    phase: readText(row, PHASE, faults),
    cpuUsage: readAmount(row, CPU_USAGE, faults),
    cpuRequest: readAmount(row, CPU_REQUEST, faults),
    cpuLimit: readAmount(row, CPU_LIMIT, faults),
    memoryUsage: readAmount(row, MEMORY_USAGE, faults),
    memoryRequest: readAmount(row, MEMORY_REQUEST, faults),
    memoryLimit: readAmount(row, MEMORY_LIMIT, faults),
    ...readGpu(row, faults),
    networkReceived: readAmount(row, RECEIVED, faults),
    networkSent: readAmount(row, SENT, faults),
    ...readSentTo(row, faults),
    startedAt,
    endedAt,
    labels: readLabels(row, LABELS, faults),
    ...(row[ANNOTATIONS.key] === undefined ? {} : { annotations: readLabels(row, ANNOTATIONS, faults) }),
  };
}

function readGpu(row: Row, faults: Faults): Pick<ContainerSample, 'gpuUsage' | 'gpuRequest'> {
  return {
    ...(isTold(row, GPU_USAGE) && { gpuUsage: readAmount(row, GPU_USAGE, faults) }),
    ...(isTold(row, GPU_REQUEST) && { gpuRequest: readAmount(row, GPU_REQUEST, faults) }),
  };
}

/** A counter that is told now and not then would seem to have begun anew: all that it ever counted would be charged again. */
function readSentTo(
  row: Row,
  faults: Faults,
): Pick<ContainerSample, 'networkZoneSent' | 'networkRegionSent' | 'networkInternetSent'> {
  const told = SENT_TO.filter((field) => isTold(row, field));
  if (told.length === 0) return NOTHING_SENT;
  const missing = SENT_TO.find((field) => !told.includes(field));
  if (missing) note(faults, missing.path, 'must be there where another of the three destinations is');
  return {
    networkZoneSent: readAmount(row, ZONE_SENT, faults),
    networkRegionSent: readAmount(row, REGION_SENT, faults),
    networkInternetSent: readAmount(row, INTERNET_SENT, faults),
  };
}

export function readNode(row: Row, bounds: Bounds, faults: Faults): NodeSample {
  return {
    at: readAt(row, bounds, faults),
    node: readRequiredText(row, NODE, faults),
    providerId: readText(row, PROVIDER_ID, faults),
    instanceType: readText(row, INSTANCE_TYPE, faults),
    region: readText(row, REGION, faults),
    zone: readText(row, ZONE, faults),
    spot: readFlag(row, SPOT, faults),
    cpuCapacity: readCapacity(row, CPU_CAPACITY, faults),
    memoryCapacity: readCapacity(row, MEMORY_CAPACITY, faults),
    ...(isTold(row, GPU_CAPACITY) && { gpuCapacity: readCapacity(row, GPU_CAPACITY, faults) }),
    hourlyCost: readHourlyCost(row, HOURLY_COST, faults),
    labels: readLabels(row, LABELS, faults),
  };
}

export function readVolume(row: Row, bounds: Bounds, faults: Faults): VolumeSample {
  return {
    at: readAt(row, bounds, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    claim: readRequiredText(row, CLAIM, faults),
    volume: readText(row, VOLUME, faults),
    storageClass: readText(row, STORAGE_CLASS, faults),
    providerId: readText(row, PROVIDER_ID, faults),
    capacity: readCapacity(row, CAPACITY, faults),
    request: readAmount(row, REQUEST, faults),
    usage: readAmount(row, USAGE, faults),
    pods: readPods(row, faults),
    labels: readLabels(row, LABELS, faults),
  };
}

export function readBalancer(row: Row, bounds: Bounds, faults: Faults): BalancerSample {
  return {
    at: readAt(row, bounds, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    service: readRequiredText(row, SERVICE, faults),
    ingress: readText(row, INGRESS, faults),
    hourlyCost: readHourlyCost(row, HOURLY_COST, faults),
  };
}

export function readNamespaceRow(row: Row, bounds: Bounds, faults: Faults): NamespaceSample {
  return {
    at: readAt(row, bounds, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    labels: readLabels(row, LABELS, faults),
    annotations: readLabels(row, ANNOTATIONS, faults),
  };
}

export function readService(row: Row, bounds: Bounds, faults: Faults): ServiceSample {
  return {
    at: readAt(row, bounds, faults),
    namespace: readNamespace(row, NAMESPACE, faults),
    service: readRequiredText(row, SERVICE, faults),
    selector: readLabels(row, SELECTOR, faults),
  };
}

function readAt(row: Row, { earliest, latest }: Bounds, faults: Faults): number {
  const at = row[AT.key];
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) note(faults, AT.path, 'must be whole milliseconds');
  else if (at > latest) note(faults, AT.path, `must be at most ${latest}: it is too far ahead of the server's clock`);
  else if (at < earliest) note(faults, AT.path, `must be at least ${earliest}: older samples are not taken`);
  else return at;
  return 0;
}

/** When a pod started or ended; null where not known, which a clock that was never set means too. */
function readLife(row: Row, field: Field, { bounds, faults }: { bounds: Bounds; faults: Faults }): number | null {
  const at = row[field.key];
  if (at === undefined || at === null) return null;
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) note(faults, field.path, 'must be whole milliseconds');
  else if (at > bounds.latest) note(faults, field.path, 'must not be in the future');
  else if (at >= KNOWN_SINCE) return at;
  return null;
}

function readPods(row: Row, faults: Faults): readonly string[] {
  const pods = row[PODS.key];
  if (pods === undefined || pods === null) return NO_PODS;
  const isName = (pod: unknown): pod is string =>
    typeof pod === 'string' && pod !== '' && pod.length <= NAME_CHARS_MAX && !UNPRINTABLE.test(pod);
  if (!Array.isArray(pods) || pods.length > VOLUME_PODS_MAX) {
    note(faults, PODS.path, `must be a list of at most ${VOLUME_PODS_MAX} names`);
    return NO_PODS;
  }
  if (pods.every(isName)) return [...new Set(pods)].sort(); // in whatever order they came: the same sample
  note(faults, PODS.path, `must be a list of names of at most ${NAME_CHARS_MAX} characters`);
  return NO_PODS;
}
