import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { variedHour } from '../../test/support/varied-cluster.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { computeDueDays } from './days.ts';
import { newestVersion } from './rollup.ts';
import { createVersions } from './versions.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY = '2026-01-01';

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const SUMS = [
  ['volume_days', 'volume_hours', 'namespace, claim, volume, pod'],
  ['balancer_days', 'balancer_hours', 'namespace, service, ingress'],
] as const;

/** What a table tells each of its things to cost, and for how many rows. */
async function costsOf(tenant: string, { table, by }: { table: string; by: string }) {
  return lab.columnar.rows({
    sql: `SELECT ${by}, toString(sum(t.cost)) AS total FROM ${table} AS t FINAL
          WHERE tenant = {tenant:UUID} AND NOT withdrawn GROUP BY ${by} ORDER BY ${by}`,
    params: { tenant },
    row: z.record(z.string(), z.string()),
  });
}

async function clusterWith(hours: readonly number[]) {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'one');
  const put = (hour: number) => lab.put({ tenant, cluster }, variedHour(START + hour * HOUR_MS));
  for (const hour of hours) await put(hour);
  await lab.roll();
  return { tenant, cluster, put };
}

test('a day has what its hours have, after late hours too, and nothing of what is gone from them', async () => {
  const { tenant, cluster } = await clusterWith([0, 3]);
  const agree = async () => {
    for (const [table, hours, by] of SUMS) {
      const days = await costsOf(tenant, { table, by });
      expect(days, table).toEqual(await costsOf(tenant, { table: hours, by }));
      expect(days.length, table).toBeGreaterThan(0);
    }
  };
  await agree();
  // The same hour from a source that is believed before the first: other disks, another balancer, other pods.
  const other = variedHour(START);
  await lab.put(
    { tenant, cluster },
    {
      ...other,
      source: 'kubecost',
      volumes: (other.volumes ?? []).map((volume) => ({ ...volume, claim: `new-${volume.claim}`, volume: '' })),
      balancers: (other.balancers ?? []).map((balancer) => ({ ...balancer, service: 'back' })),
    },
  );
  await lab.roll();
  await agree();
});

test('a day that has not all sums is due, gets them, and keeps its workloads as they are', async () => {
  const { tenant } = await clusterWith([1, 2]);
  const before = await Promise.all(SUMS.map(([table, , by]) => costsOf(tenant, { table, by })));
  const workloads = () =>
    lab.columnar.rows({
      sql: 'SELECT toString(max(version)) AS newest FROM workload_days WHERE tenant = {tenant:UUID}',
      params: { tenant },
      row: z.object({ newest: z.string() }),
    });
  const ofWorkloads = await workloads();
  // As a ledger is that was kept before there were these sums.
  for (const table of ['volume_days', 'balancer_days', 'node_days']) {
    await lab.columnar.command({
      sql: `ALTER TABLE ${table} DELETE WHERE tenant = {tenant:UUID}`,
      params: { tenant },
      settings: { mutations_sync: 2 },
    });
  }
  await lab.columnar.command({
    sql: `INSERT INTO day_grains (tenant, cluster, day, hours_version, version)
          SELECT tenant, cluster, day, hours_version, version + 1 FROM day_grains FINAL WHERE tenant = {tenant:UUID}`,
    params: { tenant },
  });

  const versions = createVersions(2n, await newestVersion(lab.columnar));
  expect(await computeDueDays(lab, { fromMs: Date.parse(DAY), versions })).toEqual({ days: 1, more: false });
  expect(await Promise.all(SUMS.map(([table, , by]) => costsOf(tenant, { table, by })))).toEqual(before);
  expect(await workloads()).toEqual(ofWorkloads);
  expect(await computeDueDays(lab, { fromMs: Date.parse(DAY), versions })).toEqual({ days: 0, more: false });
});
