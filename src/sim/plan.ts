/** The plan of a fleet: what its owner would write down. Everything that happens follows from a plan and a seed. */
import type { UsageShape } from './usage.ts';

export interface InstanceType {
  readonly name: string;
  readonly cpuNanocores: number;
  readonly memoryBytes: number;
  /** Whole ones. */
  readonly gpus: number;
  /** US dollars per hour on demand, as decimal text. */
  readonly hourlyUsd: string;
  readonly podsMax: number;
}

export interface PoolPlan {
  readonly name: string;
  readonly instance: InstanceType;
  readonly nodes: number;
  readonly spot: boolean;
  /** False where the nodes' source knows no price, so that book rates hold. */
  readonly priced: boolean;
  /** About how long a node lives before another takes its place. */
  readonly nodeLifeMs: number;
}

export interface ContainerPlan {
  readonly name: string;
  /** Nanocores and bytes; `null` where the container asks for nothing, or has no limit. */
  readonly cpuRequest: number | null;
  readonly cpuLimit: number | null;
  readonly memoryRequest: number | null;
  readonly memoryLimit: number | null;
  /** Whole GPUs that it asks for. */
  readonly gpus: number;
  readonly usage: UsageShape;
}

/** When the pods of a workload are there. */
export type Presence =
  /** `min` replicas always; the others, up to `max`, while the profile is busy. */
  | { readonly kind: 'replicas'; readonly min: number; readonly max: number }
  | { readonly kind: 'every-node' }
  | {
      readonly kind: 'cron';
      readonly periodMs: number;
      readonly durationMinMs: number;
      readonly durationMaxMs: number;
    };

export interface WorkloadPlan {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob';
  readonly name: string;
  readonly namespace: string;
  readonly team: string;
  readonly env: string;
  readonly presence: Presence;
  readonly containers: readonly ContainerPlan[];
  /** About how long a version stays before the next is rolled out; 0 is for ever. */
  readonly versionLifeMs: number;
  /** The pools that its pods may run in, by name; `[]` is any. */
  readonly pools: readonly string[];
  /** The size of a volume of each replica; 0 is none. */
  readonly volumeBytes: number;
  /** Whether a service with a load balancer of its own stands before it. */
  readonly balancer: boolean;
}

export interface ClusterPlan {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly pools: readonly PoolPlan[];
  readonly workloads: readonly WorkloadPlan[];
}
