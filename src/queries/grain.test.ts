import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import type { CostScope } from './cost-queries.ts';
import { type GrainPlan, grainsOf } from './grain.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const NOW = START + 5 * DAY_MS;
const PAGE = { limit: 100, offset: 0 };

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

/** Posts of the given hours, every ten minutes: one node, one pod. */
function samplesOf(hours: readonly number[]) {
  const ats = hours.flatMap((hour) => Array.from({ length: 6 }, (_, post) => hour + post * 10 * MINUTE_MS));
  return {
    source: 'agent' as const,
    containers: ats.map((at) => containerSample({ at, node: 'n1', namespace: 'a', pod: 'web', cpuRequest: 1e9 })),
    nodes: ats.map((at) =>
      nodeSample({ at, node: 'n1', cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4' }),
    ),
  };
}

test('a window costs the same from days, from hours, and from days of which some are out of date', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'one');
  const hours = [0, 7, 23].flatMap((hour) => [0, 1, 2, 3].map((day) => START + day * DAY_MS + hour * HOUR_MS));
  await lab.put({ tenant, cluster }, samplesOf(hours));
  await lab.roll();

  const scope: CostScope = { tenant, start: START, end: NOW };
  const fromDays = await lab.costs.namespaces(scope, PAGE);
  expect(fromDays.total.total).toBe('4.8'); // 12 hours at 0.40
  const daily = await lab.costs.trends(scope, 'daily');
  const hourly = await lab.costs.trends(scope, 'hourly');
  expect(daily.total).toEqual(fromDays.total);
  expect(hourly.total).toEqual(fromDays.total); // hours are never read from days

  // The record of one day's sums is lost: that day is read from its hours, the others from their sums.
  await lab.columnar.command({
    sql: `INSERT INTO day_grains (tenant, cluster, day, hours_version, sums, version)
          SELECT tenant, cluster, day, 1, sums, version + 1 FROM day_grains FINAL
          WHERE tenant = {tenant:UUID} AND day = '2026-01-02'`,
    params: { tenant },
  });
  expect((await lab.costs.namespaces(scope, PAGE)).costs).toEqual(fromDays.costs);
  expect((await lab.costs.trends(scope, 'daily')).trends).toEqual(daily.trends);
});

test('only tables that can hold something of a window are read', () => {
  const plan = (dayFrom: string, dayTo: string, exceptions: GrainPlan['exceptions'] = []) => ({
    dayFrom,
    dayTo,
    exceptions,
    unsummed: [],
  });
  const days = { start: START, end: START + 3 * DAY_MS };
  const f = (given: GrainPlan, window: { start: number; end: number }, want: { days: boolean; hours: boolean }) =>
    expect(grainsOf(given, window), JSON.stringify([given, window])).toEqual({ ...want, unsummed: 'none' });
  f(plan('2026-01-01', '2026-01-04'), days, { days: true, hours: false });
  f(plan('2026-01-01', '2026-01-04', [['one', '2026-01-02']]), days, { days: true, hours: true });
  f(plan('2026-01-01', '2026-01-04'), { ...days, end: days.end + HOUR_MS }, { days: true, hours: true });
  f(plan('2026-01-02', '2026-01-04'), { ...days, start: days.start + HOUR_MS }, { days: true, hours: true });
  f(plan('2026-01-01', '2026-01-01'), { ...days, end: days.start + HOUR_MS }, { days: false, hours: true });
});
