import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { variedHour } from '../../test/support/varied-cluster.ts';
import { HOUR_SUMS } from '../core/sums.ts';
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { sumUpDueHours } from './hour-sums.ts';
import { newestVersion } from './rollup.ts';
import { createVersions } from './versions.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const SUMS = ['cpu_core_seconds', 'ram_usage_byte_seconds', 'cpu_cost', 'ram_cost', 'network_internet_cost'];

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

/** What a table tells of each workload and hour. */
async function workloadsOf(tenant: string, table: 'workload_hours' | 'container_hours') {
  const sums = SUMS.map((name) => `toString(sum(t.${name})) AS ${name}`).join(', ');
  return lab.columnar.rows({
    sql: `SELECT toString(cluster) AS cluster, toString(hour) AS hour, namespace, controller, mapSort(t.labels) AS sorted, ${sums}
          FROM ${table} AS t FINAL WHERE tenant = {tenant:UUID} AND NOT withdrawn
          GROUP BY cluster, hour, namespace, controller_kind, controller, sorted ORDER BY ALL`,
    params: { tenant },
    row: z.record(z.string(), z.unknown()),
  });
}

async function unsummed(tenant: string) {
  const [row] = await lab.columnar.rows({
    sql: `SELECT countIf(sums < {sums:UInt8}) AS hours FROM cluster_hours FINAL WHERE tenant = {tenant:UUID}`,
    params: { tenant, sums: HOUR_SUMS },
    row: z.object({ hours: z.coerce.number() }),
  });
  return row?.hours;
}

async function twoClusters() {
  const tenant = await lab.tenant();
  const clusters = [await lab.cluster(tenant, 'east'), await lab.cluster(tenant, 'west')];
  for (const cluster of clusters) {
    for (const hour of [0, 1, 25]) await lab.put({ tenant, cluster }, variedHour(START + hour * HOUR_MS));
  }
  await lab.roll();
  return { tenant, clusters };
}

test('an hour by workload has what its containers have, after late data too, and nothing of what is gone from them', async () => {
  const { tenant, clusters } = await twoClusters();
  const agree = async () => {
    const hours = await workloadsOf(tenant, 'workload_hours');
    expect(hours).toEqual(await workloadsOf(tenant, 'container_hours'));
    expect(hours.length).toBeGreaterThan(0);
    expect(await unsummed(tenant)).toBe(0);
  };
  await agree();
  // The same hour from a source that is believed before the first: other workloads, without labels.
  const other = variedHour(START);
  for (const cluster of clusters) {
    const containers = other.containers.map((sample) => ({ ...sample, controller: `new-${sample.pod}`, labels: {} }));
    await lab.put({ tenant, cluster }, { ...other, source: 'kubecost', containers });
  }
  await lab.roll();
  await agree();
});

test('an hour that is computed anew has no sums until it is summed up again', async () => {
  const { tenant } = await twoClusters();
  await lab.columnar.command({
    sql: `INSERT INTO cluster_hours SELECT * REPLACE (version + 2 AS version, 0 AS sums) FROM cluster_hours FINAL
          WHERE tenant = {tenant:UUID} AND toHour(hour) = 1`,
    params: { tenant },
  });
  expect(await unsummed(tenant)).toBe(4);
  const versions = createVersions(2n, await newestVersion(lab.columnar));
  expect(await sumUpDueHours(lab, { fromMs: START, versions })).toEqual({ hours: 4, more: false, failures: [] });
  expect(await unsummed(tenant)).toBe(0);
  expect(await sumUpDueHours(lab, { fromMs: START, versions })).toEqual({ hours: 0, more: false, failures: [] });
  expect(await workloadsOf(tenant, 'workload_hours')).toEqual(await workloadsOf(tenant, 'container_hours'));
});

test('an hour that cannot be summed up keeps no other from it, and stays due', async () => {
  const { tenant, clusters } = await twoClusters();
  await lab.columnar.command({
    sql: `INSERT INTO cluster_hours SELECT * REPLACE (version + 2 AS version, 0 AS sums) FROM cluster_hours FINAL
          WHERE tenant = {tenant:UUID}`,
    params: { tenant },
  });
  const bad = { tenant, cluster: clusters[0], hour: START + HOUR_MS };
  const columnar: Pick<Columnar, 'rows' | 'command'> = {
    rows: (query, signal) => lab.columnar.rows(query, signal),
    async command(statement, signal) {
      const { cluster, hours } = Bound.parse(statement.params);
      if (cluster === bad.cluster && hours.includes(bad.hour / SECOND_MS)) throw new Error('too large');
      return lab.columnar.command(statement, signal);
    },
  };
  const versions = createVersions(2n, await newestVersion(lab.columnar));
  const { hours, failures } = await sumUpDueHours({ columnar }, { fromMs: START, versions });
  expect([hours, failures.map(({ hour }) => hour)]).toEqual([5, [bad]]);
  expect(await unsummed(tenant)).toBe(1);
  expect(await sumUpDueHours(lab, { fromMs: START, versions })).toEqual({ hours: 1, more: false, failures: [] });
  expect(await workloadsOf(tenant, 'workload_hours')).toEqual(await workloadsOf(tenant, 'container_hours'));
});

const Bound = z.object({ cluster: z.string(), hours: z.array(z.number()) });
