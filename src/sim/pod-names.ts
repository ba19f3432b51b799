/** Names, owners and labels of pods, as Kubernetes' own controllers would give them. */
import { MINUTE_MS } from '../lib/clock.ts';
import { distinctSuffix, mix, nameSuffix, uuid } from './hash.ts';
import type { WorkloadPlan } from './plan.ts';
import type { Placement } from './scheduler.ts';

export interface PodNames {
  readonly name: string;
  readonly uid: string;
  /** The direct owner: a ReplicaSet or Job, not the Deployment or CronJob above it. */
  readonly ownerKind: string;
  readonly ownerName: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PodIdentity {
  readonly words: readonly [number, number];
  /** Grows with every pod of a replica. */
  readonly turn: number;
  readonly version: number;
  /** When the run of a cron job was due. */
  readonly scheduledAt: number;
  /** Of the workload. */
  readonly seed: number;
}

export function podNames({ workload, replica }: Placement, identity: PodIdentity): PodNames {
  const { words, turn, version, scheduledAt, seed } = identity;
  // No two replicas share the first part, and a replica's pods do not share the second until 729 of them have been.
  const suffix = distinctSuffix(seed + replica, 3) + distinctSuffix(mix(seed, replica) + turn, 2);
  const hash = nameSuffix(mix(seed, version), 10);
  const named = NAMERS[workload.kind]({ workload: workload.name, replica, suffix, hash, scheduledAt });
  return { ...named, uid: uuid(...words), labels: { ...plainLabels(workload), ...named.labels } };
}

interface NameParts {
  readonly workload: string;
  readonly replica: number;
  readonly suffix: string;
  /** Of the version. */
  readonly hash: string;
  readonly scheduledAt: number;
}

const NAMERS: Readonly<Record<WorkloadPlan['kind'], (parts: NameParts) => Omit<PodNames, 'uid'>>> = {
  Deployment({ workload, hash, suffix }) {
    const ownerName = `${workload}-${hash}`;
    return {
      name: `${ownerName}-${suffix}`,
      ownerKind: 'ReplicaSet',
      ownerName,
      labels: { 'pod-template-hash': hash },
    };
  },
  StatefulSet({ workload, replica, hash }) {
    const name = `${workload}-${replica}`;
    const labels = { 'controller-revision-hash': `${workload}-${hash}`, 'statefulset.kubernetes.io/pod-name': name };
    return { name, ownerKind: 'StatefulSet', ownerName: workload, labels };
  },
  DaemonSet({ workload, hash, suffix }) {
    const labels = { 'controller-revision-hash': hash, 'pod-template-generation': '1' };
    return { name: `${workload}-${suffix}`, ownerKind: 'DaemonSet', ownerName: workload, labels };
  },
  CronJob({ workload, suffix, scheduledAt }) {
    const ownerName = `${workload}-${Math.floor(scheduledAt / MINUTE_MS)}`;
    const labels = { 'batch.kubernetes.io/job-name': ownerName, 'job-name': ownerName };
    return { name: `${ownerName}-${suffix}`, ownerKind: 'Job', ownerName, labels };
  },
};

function plainLabels(workload: WorkloadPlan): Record<string, string> {
  return { app: workload.name, 'app.kubernetes.io/name': workload.name, env: workload.env, team: workload.team };
}
