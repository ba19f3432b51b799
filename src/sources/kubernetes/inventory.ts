import { type Controller, resolveController } from '../../core/controller.ts';
import type { BalancerSample, NodeSample, VolumeSample } from '../../core/samples.ts';
import { nodeSample } from './node-sample.ts';
import type {
  ClaimRecord,
  NamespaceRecord,
  NodeRecord,
  OwnerRecord,
  PodRecord,
  ServiceRecord,
  VolumeRecord,
} from './records.ts';

/** All that is known of a cluster, by uid: the copies that the reflectors keep. */
export interface Inventory {
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  readonly pods: ReadonlyMap<string, PodRecord>;
  readonly pvcs: ReadonlyMap<string, ClaimRecord>;
  readonly pvs: ReadonlyMap<string, VolumeRecord>;
  readonly services: ReadonlyMap<string, ServiceRecord>;
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
  readonly replicasets: ReadonlyMap<string, OwnerRecord>;
  readonly jobs: ReadonlyMap<string, OwnerRecord>;
}

const SYSTEM_NAMESPACE = 'kube-system';
/** Pod → Job → CronJob is two; owners that own each other must not hold us up. */
const OWNERS_MAX = 4;

/**
 * Who a pod belongs to, in people's words: through ReplicaSets and Jobs to what made them. An owner of another kind is the
 * answer as it stands. A ReplicaSet or Job that is not known (yet) is resolved by its name and the pod's labels.
 */
export function controllerOf({ replicasets, jobs }: Inventory, { owner, labels, name }: PodRecord): Controller {
  let reference = owner;
  for (let step = 0; reference !== null && step < OWNERS_MAX; step += 1) {
    const between = replicasets.get(reference.uid) ?? jobs.get(reference.uid);
    if (!between) break;
    if (!between.owner) return { kind: between.kind, name: between.name };
    reference = between.owner;
  }
  return resolveController({ kind: reference?.kind ?? '', name: reference?.name ?? '', labels, pod: name });
}

/** The cluster's name as its nodes are annotated with it (Cluster API); `null` where they are not. */
export function clusterNameOf({ nodes }: Inventory): string | null {
  for (const { clusterName } of nodes.values()) if (clusterName !== '') return clusterName;
  return null;
}

/** What stays the same however a cluster is named: the uid of its namespace kube-system. */
export function clusterUidOf({ namespaces }: Inventory): string | null {
  for (const { name, uid } of namespaces.values()) if (name === SYSTEM_NAMESPACE) return uid;
  return null;
}

/** Nodes that were there at `at`. */
export function nodeSamples({ nodes }: Inventory, at: number): NodeSample[] {
  return [...nodes.values()].filter(({ createdAt }) => createdAt <= at).map((node) => nodeSample(node, at));
}

/** Claims that were there at `at`, with the volume behind each and the pods that mount it. */
export function volumeSamples({ pvcs, pvs, pods }: Inventory, at: number): VolumeSample[] {
  const volumes = new Map([...pvs.values()].map((volume) => [volume.name, volume]));
  const mounts = mountsOf(pods);
  return [...pvcs.values()]
    .filter(({ createdAt }) => createdAt <= at)
    .map((claim) => volumeSample(claim, { at, volume: volumes.get(claim.volume), mounts }));
}

interface Behind {
  readonly at: number;
  readonly volume: VolumeRecord | undefined;
  readonly mounts: ReadonlyMap<string, readonly string[]>;
}

function volumeSample(claim: ClaimRecord, { at, volume, mounts }: Behind): VolumeSample {
  return {
    at,
    namespace: claim.namespace,
    claim: claim.name,
    volume: claim.volume,
    storageClass: claim.storageClass || (volume?.storageClass ?? ''),
    providerId: volume?.providerId ?? '',
    capacity: claim.capacity ?? volume?.capacity ?? null,
    request: claim.request,
    usage: null,
    pods: mounts.get(mountKey(claim.namespace, claim.name)) ?? [],
    labels: claim.labels,
  };
}

/** Pods that are over hold no volume. */
function mountsOf(pods: Inventory['pods']): Map<string, string[]> {
  const mounts = new Map<string, string[]>();
  for (const { namespace, name, node, phase, claims } of pods.values()) {
    if (claims.length === 0 || node === '' || phase === 'Succeeded' || phase === 'Failed') continue;
    for (const claim of claims) {
      const key = mountKey(namespace, claim);
      mounts.set(key, [...(mounts.get(key) ?? []), name].toSorted());
    }
  }
  return mounts;
}

function mountKey(namespace: string, claim: string): string {
  return `${namespace}/${claim}`;
}

/** Load balancers that were there at `at` and had an address. */
export function balancerSamples({ services }: Inventory, at: number): BalancerSample[] {
  return [...services.values()]
    .filter(({ isBalancer, ingress, createdAt }) => isBalancer && ingress !== '' && createdAt <= at)
    .map(({ namespace, name, ingress }) => ({ at, namespace, service: name, ingress, hourlyCost: null }));
}
