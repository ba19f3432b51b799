import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import type { SampleBatch } from '../core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';

const HOUR = Date.UTC(2026, 0, 5, 10);

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const instants = Array.from({ length: 12 }, (_, i) => HOUR + i * 5 * MINUTE_MS);
const usage: SampleBatch = {
  source: 'collector',
  containers: instants.map((at) => containerSample({ at, podUid: 'u1', cpuUsage: 1e9 })),
  nodes: instants.map((at) => nodeSample({ at, cpuCapacity: 4e9, memoryCapacity: 2 ** 34 })),
};
const watch: SampleBatch = {
  source: 'kubernetes',
  containers: instants.map((at) =>
    containerSample({ at, podUid: 'u1', container: 'app', annotations: { 'example.com/owner': 'team-a' } }),
  ),
  nodes: instants.map((at) => nodeSample({ at })),
};

test('the annotations that the API server tells of a pod stand on its hours, whichever source is counted', async () => {
  for (const batches of [[usage, watch], [watch, usage], [watch]]) {
    const tenant = await lab.tenant();
    const cluster = await lab.cluster(tenant, 'annotated');
    for (const batch of batches) await lab.put({ tenant, cluster }, batch);
    await lab.roll();
    const rows = await lab.columnar.rows({
      sql: `SELECT namespace, annotations FROM container_hours FINAL
        WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn AND pod != ''`,
      params: { tenant, hour_s: (HOUR / HOUR_MS) * 3_600 },
      row: z.object({ namespace: z.string(), annotations: z.record(z.string(), z.string()) }),
    });
    expect(rows).toEqual([{ namespace: 'shop', annotations: { 'example.com/owner': 'team-a' } }]);
  }
});
