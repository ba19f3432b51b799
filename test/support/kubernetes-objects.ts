import type { KubernetesObject } from './kubernetes-api.ts';

/** Objects as a real API writes them, with far more in them than a cost needs. */

const iso = (at: number) => new Date(at).toISOString().replace('.000', '');

export function nodeObject(
  name: string,
  more: {
    createdAt?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    /** Devices, beside CPU and memory. */
    capacity?: Record<string, string>;
  } = {},
): KubernetesObject {
  return {
    kind: 'Node',
    metadata: {
      uid: `uid-${name}`,
      name,
      creationTimestamp: iso(more.createdAt ?? 0),
      labels: { 'kubernetes.io/hostname': name, ...more.labels },
      annotations: more.annotations,
    },
    spec: { providerID: `aws:///eu-west-1a/i-${name}` },
    status: {
      capacity: { cpu: '4', memory: '16Gi', pods: '110', ...more.capacity },
      images: [{ names: ['registry/x'], sizeBytes: 1 }],
    },
  };
}

export interface PodShape {
  readonly uid?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly createdAt?: number;
  readonly deletedAt?: number;
  readonly labels?: Record<string, string>;
  readonly owner?: { uid: string; kind: string; name: string };
  readonly claims?: readonly string[];
  readonly containers?: readonly ContainerShape[];
  readonly initContainers?: readonly ContainerShape[];
  readonly overhead?: Record<string, string>;
  readonly podResources?: { requests?: Record<string, string> };
}

export interface ContainerShape {
  readonly name?: string;
  readonly cpu?: string;
  readonly memory?: string;
  /** In place of `cpu` and `memory`. */
  readonly requests?: Record<string, string>;
  readonly limits?: Record<string, string>;
  /** What the node has allocated, where that differs from the spec. */
  readonly allocated?: Record<string, string>;
  readonly sidecar?: boolean;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

type ContainerState =
  | { waiting: string }
  | { running: number }
  | { terminated: readonly [startedAt: number, endedAt: number, exitCode?: number] };

export function podObject(shape: PodShape = {}): KubernetesObject {
  const { uid = 'uid-web-1', name = 'web-1', namespace = 'shop', node = 'n1', phase = 'Running', owner } = shape;
  const containers = shape.containers ?? [{}];
  return {
    kind: 'Pod',
    metadata: {
      uid,
      name,
      namespace,
      creationTimestamp: iso(shape.createdAt ?? 0),
      ...(shape.deletedAt === undefined ? {} : { deletionTimestamp: iso(shape.deletedAt) }),
      labels: shape.labels ?? { app: 'web' },
      ownerReferences: owner ? [{ ...owner, apiVersion: 'apps/v1', controller: true, blockOwnerDeletion: true }] : null,
      managedFields: [{ manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': {} } }],
    },
    spec: {
      nodeName: node,
      containers: containers.map(containerSpec),
      initContainers: shape.initContainers?.map(containerSpec) ?? null,
      overhead: shape.overhead,
      resources: shape.podResources,
      volumes: (shape.claims ?? []).map((claimName, index) => ({
        name: `v${index}`,
        persistentVolumeClaim: { claimName },
      })),
      serviceAccountName: 'default',
    },
    status: {
      phase,
      containerStatuses: containers.map(containerStatus),
      initContainerStatuses: shape.initContainers?.map(containerStatus),
    },
  };
}

function containerSpec(shape: ContainerShape) {
  const { name = 'app', cpu = '250m', memory = '256Mi', requests = { cpu, memory }, limits, sidecar } = shape;
  return {
    name,
    image: 'registry/app:1',
    restartPolicy: sidecar ? 'Always' : undefined,
    resources: { requests, limits },
  };
}

function containerStatus({ name = 'app', allocated, state, lastState }: ContainerShape) {
  return {
    name,
    image: 'registry/app:1',
    allocatedResources: allocated,
    state: stateOf(state ?? { running: 0 }),
    lastState: lastState ? stateOf(lastState) : {},
  };
}

function stateOf(state: ContainerState) {
  if ('waiting' in state) return { waiting: { reason: state.waiting } };
  if ('running' in state) return { running: { startedAt: iso(state.running) } };
  const [startedAt, endedAt, exitCode = 0] = state.terminated;
  return { terminated: { startedAt: iso(startedAt), finishedAt: iso(endedAt), exitCode } };
}

export function ownerObject(
  uid: string,
  name: string,
  owner?: { uid: string; kind: string; name: string },
): KubernetesObject {
  return {
    metadata: { uid, name, namespace: 'shop', ...(owner ? { ownerReferences: [{ ...owner, controller: true }] } : {}) },
  };
}
