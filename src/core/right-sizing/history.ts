import type { Money } from '../../lib/money.ts';

/**
 * What the replicas of one container of a workload did with one resource over a window. Amounts are whole units of the
 * resource: micro-cores, or bytes.
 */
export interface ResourceHistory {
  /** The most that any replica was seen to use. */
  readonly usageMax: bigint;
  /** Of one replica, over the time that it ran. */
  readonly usageMean: bigint;
  /** What one replica asks for, as last seen; 0 where it asks for nothing. */
  readonly requested: bigint;
  /** What all replicas were charged for, max(request, usage), in unit-seconds; and what that cost. */
  readonly held: bigint;
  readonly cost: Money;
}

/** One container of a workload, whatever pods it ran in. */
export interface WorkloadHistory {
  readonly cpu: ResourceHistory;
  readonly ram: ResourceHistory;
  /** Milliseconds that its replicas ran, together. */
  readonly runMs: bigint;
  /** Milliseconds that its cluster was watched since it was first seen in the window. */
  readonly lifeMs: bigint;
  /** Hours in which its usage was seen, on any replica. */
  readonly observedHours: number;
  /** Start of the last hour in which it ran, and of the last that its cluster covers (milliseconds). */
  readonly lastSeenAt: number;
  readonly lastCoveredAt: number;
}
