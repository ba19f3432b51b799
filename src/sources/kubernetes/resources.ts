import { readClaim, readNamespace, readNode, readOwner, readService, readVolume } from './objects.ts';
import { readPod } from './pod.ts';
import type { WatchedRecord } from './records.ts';

/** A kind of object that is watched, over the whole cluster. */
export interface Resource<T extends WatchedRecord> {
  /** As in the API's paths and in RBAC rules. */
  readonly name: string;
  readonly path: string;
  /** Only its metadata is needed, and asked for: of a ReplicaSet that is a tenth. */
  readonly metadataOnly: boolean;
  /** Throws where `object` is not of this kind. */
  readonly read: (object: unknown) => T;
}

/** What deploy/rbac.yaml must allow to list and watch: no more, no less. */
export const RESOURCES = {
  nodes: resource('nodes', '/api/v1', readNode),
  pods: resource('pods', '/api/v1', readPod),
  pvcs: resource('persistentvolumeclaims', '/api/v1', readClaim),
  pvs: resource('persistentvolumes', '/api/v1', readVolume),
  services: resource('services', '/api/v1', readService),
  namespaces: { ...resource('namespaces', '/api/v1', readNamespace), metadataOnly: true },
  replicasets: { ...resource('replicasets', '/apis/apps/v1', readOwner('ReplicaSet')), metadataOnly: true },
  jobs: { ...resource('jobs', '/apis/batch/v1', readOwner('Job')), metadataOnly: true },
} as const;

export type ResourceKey = keyof typeof RESOURCES;

function resource<T extends WatchedRecord>(name: string, group: string, read: (object: unknown) => T): Resource<T> {
  return { name, path: `${group}/${name}`, metadataOnly: false, read };
}
