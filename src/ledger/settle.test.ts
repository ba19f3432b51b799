import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';

const HOUR = Date.UTC(2026, 0, 5, 10);

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const Seen = z.object({ version: z.string(), computed_ago_s: z.coerce.number(), pods: z.coerce.number() });

/** An hour of a cluster whose rows all arrived two minutes ago, computed. */
async function settledHour() {
  const tenant = await lab.tenant();
  const [posted, cluster] = [await lab.cluster(tenant, 'posted'), await lab.cluster(tenant, 'settled')];
  const instants = Array.from({ length: HOUR_MS / MINUTE_MS }, (_, minute) => HOUR + minute * MINUTE_MS);
  await lab.put(
    { tenant, cluster: posted },
    {
      source: 'collector',
      nodes: instants.map((at) => nodeSample({ at, cpuCapacity: 4_000_000_000, memoryCapacity: 2 ** 34 })),
      containers: instants.map((at) => containerSample({ at, cpuRequest: 1_000_000_000 })),
    },
  );
  const params = { tenant, posted, cluster };
  for (const table of ['node_samples', 'container_samples']) await arrive(table, params);
  await lab.roll();
  return params;
}

type Params = Readonly<{ tenant: string; posted: string; cluster: string }>;

/** Copies what was posted into the other cluster, stamped as if it had arrived two minutes ago. */
async function arrive(table: string, params: Params, pod = 'pod') {
  const pods = table === 'container_samples' ? `, ${pod} AS pod` : '';
  const sql = `INSERT INTO ${table}
    SELECT * REPLACE ({cluster:UUID} AS cluster, now64(3, 'UTC') - toIntervalSecond(120) AS received_at${pods})
    FROM ${table} AS told WHERE told.tenant = {tenant:UUID} AND told.cluster = {posted:UUID}`;
  await lab.columnar.command({ sql, params });
}

/** As if it had been computed while an insert that began before could still be on its way. */
async function computedEarly(params: Params) {
  const sql = `INSERT INTO cluster_hours
    SELECT * REPLACE (now64(3, 'UTC') - toIntervalSecond(100) AS computed_at)
    FROM cluster_hours FINAL WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID}`;
  await lab.columnar.command({ sql, params });
}

async function seen(params: Params) {
  const sql = `SELECT toString(version) AS version, dateDiff('second', computed_at, now64(3, 'UTC')) AS computed_ago_s,
      (SELECT uniqExact(pod) FROM container_hours FINAL WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID} AND namespace NOT LIKE '\\\\_\\\\_%' AND NOT withdrawn) AS pods
    FROM cluster_hours FINAL WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID}`;
  const [row] = await lab.columnar.rows({ sql, params, row: Seen });
  if (!row) throw new Error('the hour is not in the ledger');
  return row;
}

test('an hour that nothing came to light for is looked at once more, and not computed again', async () => {
  const params = await settledHour();
  const before = await seen(params);
  await computedEarly(params);
  await lab.roll();
  const after = await seen(params);
  expect(after).toMatchObject({ version: before.version, pods: 1 });
  expect(after.computed_ago_s).toBeLessThan(100);
});

test('a row that shows late is counted, though its stamp is no newer than what was seen', async () => {
  const params = await settledHour();
  const before = await seen(params);
  await computedEarly(params);
  await arrive('container_samples', params, `'late'`);
  // older than what the hour has seen, as of an insert that took long
  await lab.columnar.command({
    sql: `INSERT INTO cluster_hours SELECT * REPLACE (now64(3, 'UTC') AS seen_at) FROM cluster_hours FINAL WHERE tenant = {tenant:UUID} AND cluster = {cluster:UUID}`,
    params,
  });
  await lab.roll();
  const after = await seen(params);
  expect(after.pods).toBe(2);
  expect(BigInt(after.version)).toBeGreaterThan(BigInt(before.version));
});
