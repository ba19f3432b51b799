import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL } from '../../src/core/filter/tree.ts';
import type { ContainerSample } from '../../src/core/samples.ts';
import { HOUR_MS, MINUTE_MS, systemClock } from '../../src/lib/clock.ts';
import { createRecommendationQueries } from '../../src/queries/ledger-recommendation-queries.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { USUAL_AIMS } from '../support/advice.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { containerSample, nodeSample } from '../support/samples.ts';

/** Advice follows: under the requests that it names, the same usage would have fitted. At any target, whatever was measured. */
const START = Date.UTC(2026, 4, 4, 6);
const STEP_MS = 5 * MINUTE_MS;
const STEPS = (2 * HOUR_MS) / STEP_MS;
const RUNS = 4;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

/** Nanocores and bytes, step by step; some replicas come late or end early. */
const replica = fc.record({
  cpu: fc.array(fc.integer({ min: 1, max: 16_000_000_000 }), { minLength: 1, maxLength: STEPS }),
  ram: fc.integer({ min: 1, max: 2 ** 42 }),
  from: fc.nat({ max: STEPS - 1 }),
});
const workload = fc.record({
  replicas: fc.array(replica, { minLength: 1, maxLength: 4 }),
  request: fc.integer({ min: 0, max: 8_000_000_000 }),
});
type Workload = typeof workload extends fc.Arbitrary<infer W> ? W : never;

function samplesOf({ replicas, request }: Workload, name: string): ContainerSample[] {
  return replicas.flatMap(({ cpu, ram, from }, index) =>
    cpu.slice(0, STEPS - from).map((cpuUsage, step) =>
      containerSample({
        at: START + (from + step) * STEP_MS,
        namespace: 'law',
        pod: `${name}-${index}`,
        controllerKind: 'Deployment',
        controller: name,
        cpuUsage,
        cpuRequest: request,
        memoryUsage: ram,
      }),
    ),
  );
}

test('what was used fits into what is advised, at any target', async () => {
  const targets = fc.double({ min: 0.01, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(fc.array(workload, { minLength: 5, maxLength: 25 }), targets, async (workloads, target) => {
      const tenant = await lab.tenant();
      const cluster = await lab.cluster(tenant, 'law');
      const all = new Map(workloads.map((one, index) => [`w${index}`, samplesOf(one, `w${index}`)]));
      const nodes = Array.from({ length: STEPS }, (_, step) =>
        nodeSample({ at: START + step * STEP_MS, cpuCapacity: 64e9, memoryCapacity: 2 ** 38, hourlyCost: '1' }),
      );
      await lab.put({ tenant, cluster }, { source: 'agent', nodes, containers: [...all.values()].flat() });
      await lab.roll();
      const aims = {
        cpu: { ...USUAL_AIMS.cpu, targetUtilization: target },
        ram: { ...USUAL_AIMS.ram, targetUtilization: target },
        observedHoursMin: 0,
      };
      const window = { start: START, end: START + 2 * HOUR_MS };
      const queries = createRecommendationQueries({
        ...lab,
        clusters: createClusters(lab.relational.db),
        clock: systemClock,
      });
      const { recommendations } = await queries.recommend({ tenant, onlyCluster: null, window, filter: ALL, aims });
      expect(recommendations.map((one) => one.workload.controller).toSorted()).toEqual([...all.keys()].toSorted());
      for (const {
        workload: { controller },
        advice,
      } of recommendations) {
        const samples = all.get(controller) ?? [];
        const [cpuMax, ramMax] = [
          Math.max(...samples.map(({ cpuUsage }) => cpuUsage ?? 0)),
          Math.max(...samples.map(({ memoryUsage }) => memoryUsage ?? 0)),
        ];
        if (typeof advice === 'string') throw new Error(`no advice on ${controller}: ${advice}`);
        expect(Number(advice.cpu.recommended) * 1_000, controller).toBeGreaterThanOrEqual(cpuMax);
        expect(Number(advice.ram.recommended), controller).toBeGreaterThanOrEqual(ramMax);
      }
    }),
    { numRuns: RUNS },
  );
});
