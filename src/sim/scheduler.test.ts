import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../lib/errors.ts';
import { container, pool, workload } from './catalog.ts';
import type { ClusterPlan, WorkloadPlan } from './plan.ts';
import { allocatable, nodeSlots, type Placement, place } from './scheduler.ts';
import { peakUsage } from './usage.ts';

const team = { namespace: 'ns', team: 'team', env: 'test' };

function planOf(workloads: WorkloadPlan[]): ClusterPlan {
  const pools = [pool('a', 'm5.large', 2), pool('b', 'm5.xlarge', 1)];
  return { name: 'cluster', region: 'us-east-1', zones: ['us-east-1a'], pools, workloads };
}

function replicas(
  name: string,
  count: number,
  amounts: { ask: string; use: string },
  more: Partial<WorkloadPlan> = {},
): WorkloadPlan {
  const presence = { kind: 'replicas', min: count, max: count } as const;
  return workload({ ...team, kind: 'Deployment', name, presence, containers: [container('c', amounts)], ...more });
}

function placed(plan: ClusterPlan): Placement[] {
  return place(plan, nodeSlots(plan, 1));
}

const amount = (placements: readonly Placement[], of: (workload: WorkloadPlan) => number) =>
  placements.reduce((sum, { workload }) => sum + of(workload), 0);
const sumOf = (of: (plan: WorkloadPlan['containers'][number]) => number) => (workload: WorkloadPlan) =>
  workload.containers.reduce((sum, plan) => sum + of(plan), 0);

test('nothing is placed beyond what a node can give, in any resource, or the plan is refused', () => {
  const millicores = fc.integer({ min: 0, max: 1_500 });
  const mebibytes = fc.integer({ min: 0, max: 3_000 });
  const plans = fc
    .array(
      fc.record({
        count: fc.integer({ min: 1, max: 6 }),
        cpu: millicores,
        memory: mebibytes,
        used: millicores,
        usedMemory: mebibytes,
      }),
      { maxLength: 8 },
    )
    .map((rows) =>
      planOf(
        rows.map(({ count, cpu, memory, used, usedMemory }, i) =>
          replicas(`w${i}`, count, { ask: `${cpu}m/${memory}Mi`, use: `${used}m/${usedMemory}Mi` }),
        ),
      ),
    );
  let refused = 0;
  let accepted = 0;
  fc.assert(
    fc.property(plans, (plan) => {
      let placements: Placement[] = [];
      try {
        placements = placed(plan);
        accepted += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        refused += 1;
      }
      for (const [slot, here] of Map.groupBy(placements, ({ homes }) => homes[0])) {
        if (!slot) throw new Error('a placement without a home');
        const { instance } = slot.pool;
        const room = allocatable(instance);
        expect(
          amount(
            here,
            sumOf((plan) => plan.cpuRequest ?? 0),
          ),
        ).toBeLessThanOrEqual(room.cpu);
        expect(
          amount(
            here,
            sumOf((plan) => plan.memoryRequest ?? 0),
          ),
        ).toBeLessThanOrEqual(room.memory);
        expect(
          amount(
            here,
            sumOf((plan) => peakUsage(plan.usage).cpu),
          ),
        ).toBeLessThanOrEqual(instance.cpuNanocores);
        expect(
          amount(
            here,
            sumOf((plan) => peakUsage(plan.usage).memory),
          ),
        ).toBeLessThanOrEqual(instance.memoryBytes);
        expect(here.length).toBeLessThanOrEqual(instance.podsMax);
      }
    }),
    { numRuns: 300 },
  );
  expect(Math.min(refused, accepted)).toBeGreaterThan(20); // both happen, or this says nothing
});

test('a workload stays in its pools, and is refused where they have no room though others have', () => {
  const idle = { ask: '100m/64Mi', use: '10m/32Mi' };
  expect(placed(planOf([replicas('w', 3, idle, { pools: ['b'] })])).map(({ homes }) => homes[0]?.pool.name)).toEqual([
    'b',
    'b',
    'b',
  ]);
  expect(() => placed(planOf([replicas('w', 1, idle, { pools: ['c'] })]))).toThrow('cannot place ns/w');
  expect(() => placed(planOf([replicas('w', 59, { ask: '1m/1Mi', use: '0/1Mi' }, { pools: ['b'] })]))).toThrow(
    AppError,
  );
});

test('every node has its daemons, and daemons that do not fit are refused', () => {
  const daemon = (ask: string) =>
    replicas('d', 0, { ask, use: '1m/1Mi' }, { kind: 'DaemonSet', presence: { kind: 'every-node' } });
  expect(placed(planOf([daemon('50m/64Mi')])).map(({ homes }) => homes[0]?.index)).toEqual([0, 1, 2]);
  expect(() => placed(planOf([daemon('3/64Mi')]))).toThrow('cannot place ns/d');
});
