import { z } from 'zod';
import { gpuCapacityOf } from '../../core/gpu.ts';
import { keptAnnotations } from './annotations.ts';
import type { ClaimRecord, NamespaceRecord, NodeRecord, OwnerRecord, ServiceRecord, VolumeRecord } from './records.ts';
import { bytesOf, cpuOf, LabelMap, Metadata, Quantities, Text } from './wire.ts';

/** Readers of the objects of the API: what comes out is all that is kept of them. They throw where an object is none. */

const CLUSTER_NAME_ANNOTATION = 'cluster.x-k8s.io/cluster-name';

const Annotated = z.object({ metadata: z.object({ annotations: LabelMap }) });

const Node = z.object({
  metadata: Metadata,
  spec: z.object({ providerID: Text }).nullish(),
  status: z.object({ capacity: Quantities }).nullish(),
});

export function readNode(object: unknown): NodeRecord {
  const { metadata, spec, status } = Node.parse(object);
  const { annotations } = Annotated.parse(object).metadata;
  return {
    uid: metadata.uid,
    name: metadata.name,
    createdAt: metadata.createdAt,
    clusterName: annotations[CLUSTER_NAME_ANNOTATION] ?? '',
    providerId: spec?.providerID ?? '',
    cpuCapacity: cpuOf(status?.capacity),
    memoryCapacity: bytesOf(status?.capacity, 'memory'),
    gpuCapacity: gpuCapacityOf(status?.capacity ?? {}, metadata.labels),
    labels: metadata.labels,
  };
}

const Claim = z.object({
  metadata: Metadata,
  spec: z
    .object({ volumeName: Text, storageClassName: Text, resources: z.object({ requests: Quantities }).nullish() })
    .nullish(),
  status: z.object({ capacity: Quantities }).nullish(),
});

export function readClaim(object: unknown): ClaimRecord {
  const { metadata, spec, status } = Claim.parse(object);
  const { uid, namespace, name, createdAt, labels } = metadata;
  return {
    uid,
    namespace,
    name,
    createdAt,
    labels,
    volume: spec?.volumeName ?? '',
    storageClass: spec?.storageClassName ?? '',
    capacity: bytesOf(status?.capacity, 'storage'),
    request: bytesOf(spec?.resources?.requests, 'storage'),
  };
}

const Volume = z.object({
  metadata: Metadata,
  spec: z.object({
    storageClassName: Text,
    capacity: Quantities,
    csi: z.object({ volumeHandle: Text }).nullish(),
    awsElasticBlockStore: z.object({ volumeID: Text }).nullish(),
    gcePersistentDisk: z.object({ pdName: Text }).nullish(),
    azureDisk: z.object({ diskURI: Text }).nullish(),
  }),
});

export function readVolume(object: unknown): VolumeRecord {
  const { metadata, spec } = Volume.parse(object);
  const { csi, awsElasticBlockStore, gcePersistentDisk, azureDisk } = spec;
  const handles = [csi?.volumeHandle, awsElasticBlockStore?.volumeID, gcePersistentDisk?.pdName, azureDisk?.diskURI];
  return {
    uid: metadata.uid,
    name: metadata.name,
    storageClass: spec.storageClassName,
    providerId: handles.find((handle) => handle !== undefined && handle !== '') ?? '',
    capacity: bytesOf(spec.capacity, 'storage'),
  };
}

const Service = z.object({
  metadata: Metadata,
  spec: z.object({ type: Text, selector: LabelMap }).nullish(),
  status: z
    .object({
      loadBalancer: z.object({ ingress: z.array(z.object({ ip: Text, hostname: Text })).nullish() }).nullish(),
    })
    .nullish(),
});

export function readService(object: unknown): ServiceRecord {
  const { metadata, spec, status } = Service.parse(object);
  const { uid, namespace, name, createdAt } = metadata;
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const address = ingress?.hostname || ingress?.ip || '';
  const isBalancer = spec?.type === 'LoadBalancer';
  return { uid, namespace, name, createdAt, isBalancer, ingress: address, selector: spec?.selector ?? {} };
}

const Bare = z.object({ metadata: Metadata });

export function readNamespace(object: unknown): NamespaceRecord {
  const { uid, name, labels } = Bare.parse(object).metadata;
  return { uid, name, labels, annotations: keptAnnotations(object) };
}

/** Objects that come as their metadata alone do not say their own kind. */
export function readOwner(kind: string): (object: unknown) => OwnerRecord {
  return (object) => {
    const { uid, name, owner } = Bare.parse(object).metadata;
    return { uid, kind, name, owner };
  };
}
