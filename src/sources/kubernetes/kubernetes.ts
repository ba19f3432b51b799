import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { KubernetesApi } from './api.ts';
import { createDescriptions, type Descriptions } from './descriptions.ts';
import {
  balancerSamples,
  clusterNameOf,
  clusterUidOf,
  controllerOf,
  type Inventory,
  nodeSamples,
  volumeSamples,
} from './inventory.ts';
import { nodeSample } from './node-sample.ts';
import type { WatchObserver } from './observer.ts';
import { type Beat, createOutbox, type Outbox, type OutboxLimits, type SampleSink } from './outbox.ts';
import { BACKFILL_MS, createPodLives, HEARTBEAT_MS, type PodLives } from './pod-lives.ts';
import type { Labels, WatchedRecord } from './records.ts';
import { createReflector, type Reflector, type ReflectorHandler, type ReflectorPace } from './reflector.ts';
import { RESOURCES, type Resource, type ResourceKey } from './resources.ts';

/**
 * A cluster seen through its own API: watches on its objects in, samples of the source `kubernetes` out.
 *
 * Samples begin when nodes and pods have been listed, and every other kind has been listed or has failed once: a service
 * that may not be read must not hold up the pods. While nodes or pods cannot be watched no heartbeat is given, since
 * nobody knows what still runs; those missed are told once the state is known again, back to `BACKFILL_MS`.
 */
export interface KubernetesWatch {
  /** Runs until the signal aborts, then hands over what still waits. */
  run(signal: AbortSignal): Promise<void>;
  state(): KubernetesWatchState;
  /** The cluster, as far as it has told who it is. */
  cluster(): ClusterIdentity;
}

export interface ClusterIdentity {
  /** From the nodes' annotation `cluster.x-k8s.io/cluster-name`; `null` without one. */
  readonly name: string | null;
  /** UID of the namespace kube-system. */
  readonly uid: string | null;
}

export interface KubernetesWatchState {
  /** Kinds that have been listed. */
  readonly initialized: readonly ResourceKey[];
  /** Kinds that could not be watched for `DOWN_MS` or longer, and why. */
  readonly down: readonly { readonly resource: ResourceKey; readonly problem: string }[];
}

export interface KubernetesWatchDeps {
  readonly api: KubernetesApi;
  readonly sink: SampleSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe: WatchObserver;
  readonly pace?: Partial<WatchPace>;
  readonly limits?: Partial<OutboxLimits>;
}

export interface WatchPace extends ReflectorPace {
  /** Pause between two looks at the clock for heartbeats. */
  readonly lookMs: number;
}

/** A watch that has failed for as long is down: longer than the usual upgrade of a control plane. */
const DOWN_MS = 10 * MINUTE_MS;
/** A heartbeat is given this long after its instant, so that what happened before it has been heard of. */
const HEARTBEAT_DELAY_MS = 10 * SECOND_MS;
/** How far back the first heartbeats of a process reach: over a restart of ours. */
const FIRST_HEARTBEATS_MS = 3 * HEARTBEAT_MS;
const LOOK_MS = SECOND_MS;

const KEYS = ['nodes', 'pods', 'pvcs', 'pvs', 'services', 'namespaces', 'replicasets', 'jobs'] as const;

export function watchKubernetes(deps: KubernetesWatchDeps): KubernetesWatch {
  const outbox = createOutbox(deps);
  const observed = observeCluster(deps, outbox);
  const { reflectors } = observed;
  const isCurrent = (key: ResourceKey) => {
    const { initialized, failingSince } = reflectors[key].state();
    return initialized && failingSince === null;
  };
  let beatAt = 0;

  function beat(): void {
    if (!isCurrent('nodes') || !isCurrent('pods')) return;
    const now = deps.clock.now();
    const newest = Math.floor((now - HEARTBEAT_DELAY_MS) / HEARTBEAT_MS) * HEARTBEAT_MS;
    const oldest = Math.max(beatAt === 0 ? newest - FIRST_HEARTBEATS_MS : beatAt, newest - BACKFILL_MS);
    for (let at = oldest + HEARTBEAT_MS; at <= newest; at += HEARTBEAT_MS) outbox.beat(beatOf(observed, at));
    beatAt = Math.max(beatAt, newest);
  }

  async function heartbeats(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (isReady(reflectors)) {
        observed.start();
        beat();
      }
      await delay(deps.pace?.lookMs ?? LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    async run(signal) {
      const sending = outbox.run(signal);
      const watching = Object.values(reflectors).map((reflector) => reflector.run(signal));
      await Promise.all([...watching, heartbeats(signal), sending]);
    },
    state: () => stateOf(reflectors, deps.clock.now()),
    cluster: () => ({ name: clusterNameOf(observed.inventory), uid: clusterUidOf(observed.inventory) }),
  };
}

type Reflectors = { readonly [K in ResourceKey]: Pick<Reflector<WatchedRecord>, 'records' | 'state' | 'run'> };

interface ObservedCluster {
  readonly inventory: Inventory;
  readonly reflectors: Reflectors;
  readonly lives: PodLives;
  readonly descriptions: Descriptions;
  /** From here on changes become samples, those that the first lists show included. */
  start(): void;
}

function observeCluster({ clock, ...deps }: KubernetesWatchDeps, outbox: Outbox): ObservedCluster {
  let started = false;
  const reflect = <T extends WatchedRecord>(resource: Resource<T>, handler: ReflectorHandler<T> = {}) =>
    createReflector(resource, handler, { clock, ...deps });

  const nodes = reflect(RESOURCES.nodes, {
    put(node, previous) {
      nodeLabels.set(node.name, node.labels);
      if (!started || previous) return;
      outbox.beat({ containers: [], nodes: [nodeSample(node, clock.now())], volumes: [], balancers: [] });
    },
    gone(node) {
      const namesake = [...nodes.records.values()].some(({ name }) => name === node.name);
      if (!namesake) nodeLabels.delete(node.name);
    },
  });
  /** By name. */
  const nodeLabels = new Map<string, Labels>();
  const pods = reflect(RESOURCES.pods, {
    put(pod) {
      if (started) lives.put(pod);
    },
    gone(pod, missed) {
      lives.gone(pod, missed ? Math.min(clock.now(), pod.deletedAt ?? clock.now()) : clock.now());
    },
  });
  const reflectors = {
    nodes,
    pods,
    pvcs: reflect(RESOURCES.pvcs),
    pvs: reflect(RESOURCES.pvs),
    services: reflect(RESOURCES.services, { put: (service) => descriptions.changedService(service) }),
    namespaces: reflect(RESOURCES.namespaces, { put: (namespace) => descriptions.changedNamespace(namespace) }),
    replicasets: reflect(RESOURCES.replicasets),
    jobs: reflect(RESOURCES.jobs),
  };
  const inventory: Inventory = {
    nodes: nodes.records,
    pods: pods.records,
    pvcs: reflectors.pvcs.records,
    pvs: reflectors.pvs.records,
    services: reflectors.services.records,
    namespaces: reflectors.namespaces.records,
    replicasets: reflectors.replicasets.records,
    jobs: reflectors.jobs.records,
  };
  const descriptions = createDescriptions(inventory);
  const lives = createPodLives({
    clock,
    controllerOf: (pod) => controllerOf(inventory, pod),
    hasNode: (name) => nodeLabels.has(name),
    nodeLabelsOf: (name) => nodeLabels.get(name) ?? NO_LABELS,
    emit: (sample) => outbox.changed(sample),
  });
  return {
    inventory,
    reflectors,
    lives,
    descriptions,
    start() {
      if (started) return;
      started = true;
      for (const pod of pods.records.values()) lives.put(pod);
    },
  };
}

const NO_LABELS: Labels = Object.freeze({});

function beatOf({ inventory, lives, descriptions }: ObservedCluster, at: number): Beat {
  return {
    containers: lives.heartbeat(at),
    nodes: nodeSamples(inventory, at),
    volumes: volumeSamples(inventory, at),
    balancers: balancerSamples(inventory, at),
    ...descriptions.beat(at),
  };
}

function isReady(reflectors: Reflectors): boolean {
  return KEYS.every((key) => {
    const { initialized, failingSince } = reflectors[key].state();
    return initialized || (key !== 'nodes' && key !== 'pods' && failingSince !== null);
  });
}

function stateOf(reflectors: Reflectors, now: number): KubernetesWatchState {
  const states = KEYS.map((key) => ({ key, ...reflectors[key].state() }));
  const down = states.filter(({ failingSince }) => failingSince !== null && now - failingSince >= DOWN_MS);
  return {
    initialized: states.filter(({ initialized }) => initialized).map(({ key }) => key),
    down: down.map(({ key, problem }) => ({ resource: key, problem })),
  };
}
