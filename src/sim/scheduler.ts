/**
 * Places every replica on a node slot, once and for all: the slot is where it goes whenever it is there. Requests fit into
 * what the slot can allocate and peak usage into its capacity even when everything runs at once, so they fit always.
 */
import { AppError } from '../lib/errors.ts';
import { below, hashText, mix } from './hash.ts';
import type { ClusterPlan, InstanceType, PoolPlan, WorkloadPlan } from './plan.ts';
import { peakUsage } from './usage.ts';

/** A place for a node: nodes come and go in it, one at a time. */
export interface NodeSlot {
  readonly index: number;
  readonly pool: PoolPlan;
  readonly zone: string;
  readonly seed: number;
}

/** One replica of a workload and where it lives; a run of a cron job picks one of several homes. */
export interface Placement {
  readonly workload: WorkloadPlan;
  readonly replica: number;
  readonly homes: readonly NodeSlot[];
}

const AMOUNTS = ['cpu', 'memory', 'cpuPeak', 'memoryPeak', 'pods'] as const;
type Amounts = Record<(typeof AMOUNTS)[number], number>;

interface Room {
  readonly slot: NodeSlot;
  readonly left: Amounts;
}

/** A cron job's runs spread over so many nodes; room is kept on each. */
const CRON_HOMES = 3;
/** How many rooms are looked at for a replica, where there are more. */
const CHOICES = 16;
const SYSTEM_CPU_NANOCORES = 80_000_000;
const SYSTEM_MEMORY_BYTES = 355 * 2 ** 20;
const SYSTEM_MEMORY_PER_POD_BYTES = 11 * 2 ** 20;

/** What pods may ask for of a node: its capacity less what EKS keeps for the system. */
export function allocatable(instance: InstanceType): { cpu: number; memory: number } {
  return {
    cpu: instance.cpuNanocores - SYSTEM_CPU_NANOCORES,
    memory: instance.memoryBytes - SYSTEM_MEMORY_BYTES - SYSTEM_MEMORY_PER_POD_BYTES * instance.podsMax,
  };
}

export function nodeSlots(plan: ClusterPlan, seed: number): NodeSlot[] {
  const pools = plan.pools.flatMap((pool) => Array.from({ length: pool.nodes }, () => pool));
  return pools.map((pool, index) => ({
    index,
    pool,
    zone: plan.zones[index % plan.zones.length] ?? plan.region,
    seed: mix(hashText(plan.name, seed), index),
  }));
}

/** Throws AppError `invalid_config` where the plan asks for more than its nodes have. */
export function place(plan: ClusterPlan, slots: readonly NodeSlot[]): Placement[] {
  const rooms = slots.map(emptyRoom);
  const demands = plan.workloads.map((workload) => ({ workload, needs: needsOf(workload) }));
  // The choosy first, then the greatest: what is small and goes anywhere still fits in what is left.
  const order = demands.toSorted(
    (a, b) =>
      choosiness(b.workload) - choosiness(a.workload) || b.needs.cpu - a.needs.cpu || b.needs.memory - a.needs.memory,
  );
  return order.flatMap((demand) => placeWorkload(demand, rooms));
}

interface Demand {
  readonly workload: WorkloadPlan;
  readonly needs: Amounts;
}

function choosiness({ presence, pools }: WorkloadPlan): number {
  if (presence.kind === 'every-node') return 2;
  return pools.length > 0 ? 1 : 0;
}

function placeWorkload(demand: Demand, rooms: readonly Room[]): Placement[] {
  const { workload } = demand;
  const { presence, pools } = workload;
  const allowed = rooms.filter(({ slot }) => pools.length === 0 || pools.includes(slot.pool.name));
  const homes = (count: number) => Array.from({ length: count }, (_, turn) => home(demand, allowed, turn));
  if (presence.kind === 'cron') return [{ workload, replica: 0, homes: homes(CRON_HOMES) }];
  const each = presence.kind === 'every-node' ? allowed.map((room) => home(demand, [room], 0)) : homes(presence.max);
  return each.map((slot, replica) => ({ workload, replica, homes: [slot] }));
}

function home({ workload, needs }: Demand, rooms: readonly Room[], turn: number): NodeSlot {
  const room = roomiest(fewOf(rooms, mix(hashText(workload.name), turn)), needs) ?? roomiest(rooms, needs);
  if (!room) {
    const name = `${workload.namespace}/${workload.name}`;
    throw new AppError('invalid_config', `cannot place ${name}: no node has room for it`);
  }
  for (const key of AMOUNTS) room.left[key] -= needs[key];
  return room.slot;
}

/** A few rooms from a random one on: the best of a few is near enough to the best of all, however large the cluster. */
function fewOf(rooms: readonly Room[], hash: number): readonly Room[] {
  if (rooms.length <= CHOICES) return rooms;
  const first = below(hash, rooms.length);
  return Array.from({ length: CHOICES }, (_, i) => rooms[(first + i) % rooms.length]).filter(
    (room) => room !== undefined,
  );
}

function roomiest(rooms: readonly Room[], needs: Amounts): Room | undefined {
  const fitting = rooms.filter(({ left }) => AMOUNTS.every((key) => left[key] >= needs[key]));
  return fitting.reduce<Room | undefined>(
    (best, room) => (best && freeShare(best) >= freeShare(room) ? best : room),
    undefined,
  );
}

function freeShare({ slot, left }: Room): number {
  return left.cpu / slot.pool.instance.cpuNanocores + left.memory / slot.pool.instance.memoryBytes;
}

function emptyRoom(slot: NodeSlot): Room {
  const { instance } = slot.pool;
  const { cpu, memory } = allocatable(instance);
  return {
    slot,
    left: { cpu, memory, cpuPeak: instance.cpuNanocores, memoryPeak: instance.memoryBytes, pods: instance.podsMax },
  };
}

function needsOf(workload: WorkloadPlan): Amounts {
  const needs: Amounts = { cpu: 0, memory: 0, cpuPeak: 0, memoryPeak: 0, pods: 1 };
  for (const container of workload.containers) {
    const peak = peakUsage(container.usage);
    needs.cpu += container.cpuRequest ?? 0;
    needs.memory += container.memoryRequest ?? 0;
    needs.cpuPeak += peak.cpu;
    needs.memoryPeak += peak.memory;
  }
  return needs;
}
