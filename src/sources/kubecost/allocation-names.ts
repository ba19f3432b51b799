/** Whom an allocation is about. */
import { resolveController } from '../../core/controller.ts';
import type { Faults } from '../faults.ts';
import { note } from '../faults.ts';
import { NAME_CHARS_MAX, nameField, providerIdField, type Row, readLabels, readText, UNPRINTABLE } from '../fields.ts';

/** What a server calls cost that belongs to no pod. Such names are the ledger's own too, and stay as they are. */
export const IDLE = '__idle__';
export const UNALLOCATED = '__unallocated__';
/** Five names and what stands between them. */
const KEY_CHARS_MAX = 5 * (NAME_CHARS_MAX + 1);
const SPECIAL = /^__(idle|unmounted|unallocated|shared|external)__$/;

export interface AllocationNames {
  /** As the server calls it; `''` where it does not say. */
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Tells apart what has no pod and is not of one node. */
  readonly name: string;
  readonly providerId: string;
  /** Idle cost, volumes that nothing mounts, and the like. */
  readonly isSpecial: boolean;
}

const FIELDS = {
  cluster: nameField('cluster', 'properties.cluster'),
  node: nameField('node', 'properties.node'),
  namespace: nameField('namespace', 'properties.namespace'),
  pod: nameField('pod', 'properties.pod'),
  container: nameField('container', 'properties.container'),
  controller: nameField('controller', 'properties.controller'),
  controllerKind: nameField('controllerKind', 'properties.controllerKind'),
  providerId: providerIdField('providerID', 'properties.providerID'),
  labels: { key: 'labels', path: 'properties.labels' },
  namespaceLabels: { key: 'namespaceLabels', path: 'properties.namespaceLabels' },
  namespaceAnnotations: { key: 'namespaceAnnotations', path: 'properties.namespaceAnnotations' },
};

/**
 * The names of the allocation under `key` in its set. It must be of a container, or one of the special ones: sums of a
 * namespace or a node must not be counted beside the containers that are in them.
 */
export function readNames(key: string, properties: Row, faults: Faults): AllocationNames {
  const cluster = readText(properties, FIELDS.cluster, faults);
  const node = readText(properties, FIELDS.node, faults);
  const namespace = readText(properties, FIELDS.namespace, faults);
  const pod = readText(properties, FIELDS.pod, faults);
  const container = readText(properties, FIELDS.container, faults);
  const providerId = readText(properties, FIELDS.providerId, faults);
  const special = specialPart(key);
  if (key.length > KEY_CHARS_MAX || UNPRINTABLE.test(key)) note(faults, 'key', 'must be a printable name');
  if (special === IDLE) {
    // The provider id that idle cost carries is no more than the node's name.
    const ids = { cluster, node: node || nodeOfIdle(key, cluster), providerId: '' };
    return { ...ids, namespace: IDLE, pod: '', container: '', name: idleName(key, ids), isSpecial: true };
  }
  if (pod === '' && special === null) note(faults, 'properties.pod', 'is required: only containers are counted');
  const names = { cluster, node, namespace: namespace || special || UNALLOCATED, pod, container, providerId };
  return { ...names, name: pod === '' ? key : '', isSpecial: special !== null };
}

/** `__idle__` of `cluster/node/__idle__`; null for an ordinary key. */
function specialPart(key: string): string | null {
  const last = key.slice(key.lastIndexOf('/') + 1);
  return SPECIAL.test(last) ? last : null;
}

/** Where the properties name no node, a key of three parts does: `cluster/node/__idle__`. */
function nodeOfIdle(key: string, cluster: string): string {
  const [first, second, third, ...more] = key.split('/');
  if (third !== IDLE || more.length > 0 || second === undefined) return '';
  return cluster === '' || first === cluster ? second : '';
}

/** Idle cost of a node or a cluster needs no further name; of anything else its key is one. */
function idleName(key: string, { cluster, node }: { cluster: string; node: string }): string {
  const plain = [IDLE, `${cluster}/${IDLE}`, `${node}/${IDLE}`, `${cluster}/${node}/${IDLE}`];
  return node !== '' || plain.includes(key) ? '' : key;
}

/** Kinds as Kubernetes writes them: such servers write them in lower case. */
const KINDS: ReadonlyMap<string, string> = new Map(
  ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController', 'Rollout'].map(
    (kind) => [kind.toLowerCase(), kind],
  ),
);

/** The owner of the pod, in the words of all other sources; both texts are `''` where it is unknown. */
export function readController(properties: Row, labels: Readonly<Record<string, string>>, faults: Faults) {
  const stated = readText(properties, FIELDS.controllerKind, faults);
  const kind = KINDS.get(stated.toLowerCase()) ?? stated;
  const name = readText(properties, FIELDS.controller, faults);
  const hash = labels['pod_template_hash'];
  const known = hash === undefined ? labels : { ...labels, 'pod-template-hash': hash };
  return name === '' ? { kind: '', name: '' } : resolveController({ kind, name, labels: known });
}

/** Labels as the server writes them (`.`, `-` and `/` are `_`); none where they cannot be kept. */
export function readAllocationLabels(properties: Row, faults: Faults): Readonly<Record<string, string>> {
  return readLabels(properties, FIELDS.labels, faults);
}

/** What the namespace says of itself; null where the server states nothing of it. */
export function readNamespaceTexts(properties: Row, faults: Faults) {
  const labels = readLabels(properties, FIELDS.namespaceLabels, faults);
  const annotations = readLabels(properties, FIELDS.namespaceAnnotations, faults);
  return Object.keys(labels).length + Object.keys(annotations).length === 0 ? null : { labels, annotations };
}
