import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerQueries } from '../../test/support/ledger-queries.ts';
import { smallCluster } from '../../test/support/small-cluster.ts';
import { ALL } from '../core/filter/tree.ts';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { ZERO } from '../lib/money.ts';

const START = Date.parse('2026-01-05T00:00:00Z');

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

/** A cluster with two hours, and the stamp of its day. */
async function twoHours() {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  await lab.put({ tenant, cluster }, smallCluster(START, 2));
  await lab.roll();
  const { evidence } = ledgerQueries(lab);
  const scope = { tenant, onlyCluster: null, sets: [{ start: START, end: START + DAY_MS }] };
  const stamp = async () => (await evidence.look(scope)).stamp;
  return { tenant, cluster, stamp };
}

test('the stamp stays while nothing changes', async () => {
  const { stamp } = await twoHours();
  const before = await stamp();
  await lab.roll();
  expect(await stamp()).toBe(before);
});

test('an hour that was begun before another and is done after it changes the stamp', async () => {
  const { tenant, cluster, stamp } = await twoHours();
  const before = await stamp();
  // Its version is between those of the two hours that are known: the newest stays the newest.
  await lab.columnar.command({
    sql: `INSERT INTO cluster_hours
      SELECT * REPLACE (toDateTime({hour:UInt32}, 'UTC') AS hour, version - 1 AS version)
      FROM cluster_hours AS known FINAL
      WHERE known.tenant = {tenant:UUID} AND known.cluster = {cluster:UUID}
      ORDER BY known.version DESC LIMIT 1`,
    params: { tenant, cluster, hour: (START + 5 * HOUR_MS) / 1_000 },
  });
  expect(await stamp()).not.toBe(before);
});

test('an answer is of the clusters that were looked at: of one that came since it knows not what may be read', async () => {
  const { tenant } = await twoHours();
  const { evidence, allocations } = ledgerQueries(lab);
  const scope = { tenant, onlyCluster: null, sets: [{ start: START, end: START + DAY_MS }] };
  const share = { rows: null, monthly: ZERO, split: 'weighted' } as const;
  const question = {
    ...scope,
    keys: [],
    filter: ALL,
    idle: 'keep',
    idleBy: 'cluster',
    splitIdle: false,
    share,
  } as const;
  const look = await evidence.look(scope);
  const before = await allocations.sets(question, undefined, look);
  await lab.put({ tenant, cluster: await lab.cluster(tenant, 'west') }, smallCluster(START, 3));
  await lab.roll();
  expect(await allocations.sets(question, undefined, look)).toEqual(before);
  expect(await allocations.sets(question, undefined, await evidence.look(scope))).not.toEqual(before);
});

test('what a namespace says of itself, and a service of the pods that it chooses, changes the stamp', async () => {
  const { tenant, cluster, stamp } = await twoHours();
  const stamps = [await stamp()];
  const told = { at: START + HOUR_MS, namespace: 'shop' };
  const both = { source: 'kubernetes', containers: [], nodes: [] } as const;
  await lab.put({ tenant, cluster }, { ...both, namespaces: [{ ...told, labels: { owner: 'ann' }, annotations: {} }] });
  stamps.push(await stamp());
  await lab.put({ tenant, cluster }, { ...both, services: [{ ...told, service: 'web', selector: { app: 'web' } }] });
  stamps.push(await stamp());
  expect(new Set(stamps).size).toBe(3);
});
