import { afterAll, beforeAll, expect, test } from 'vitest';
import { factBatch, podFact } from '../../test/support/facts.ts';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { HOUR_MS } from '../lib/clock.ts';
import { createClusters } from '../store/relational/clusters.ts';
import { labelSpellings } from './label-keys.ts';
import { createNodeQueries } from './node-queries.ts';

const DAY = Date.UTC(2026, 4, 17);
const clock = { now: () => DAY + 24 * HOUR_MS };

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab(clock);
});
afterAll(() => lab.close());

test('a key is found as Kubernetes, an operator or Prometheus spells it', () => {
  const f = (keys: string[], want: string[]) => expect(labelSpellings(keys)).toEqual(want);
  f(['label_rht_comp'], ['label_rht_comp', 'rht_comp']);
  f(['rht_comp'], ['rht_comp', 'label_rht_comp']);
  f(['app.kubernetes.io/name'], ['app.kubernetes.io/name', 'app_kubernetes_io_name', 'label_app_kubernetes_io_name']);
  f(['b', 'a', 'b'], ['b', 'label_b', 'a', 'label_a']);
  f(['label_'], ['label_']);
});

test('the component is the value of the first configured label that a pod has, whichever that is', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  const pods = {
    both: { team: 'red', app_kubernetes_io_name: 'shop' },
    second: { team: 'red' },
    third: { tier: '' },
    none: { other: 'x' },
  };
  const facts = Object.entries(pods).map(([pod, labels]) => podFact(DAY, { pod, labels, request: 1 }));
  await lab.put({ tenant, cluster }, factBatch(facts));
  const nodes = createNodeQueries({
    columnar: lab.columnar,
    clusters: createClusters(lab.relational.db),
    clock,
    podLabelKeys: ['app.kubernetes.io/name', 'label_team', 'tier'],
  });
  const ask = { tenant, onlyCluster: null, start: DAY, end: DAY + 24 * HOUR_MS };
  const { rows } = await nodes.podDays(ask, { limit: 100, offset: 0 });
  expect(rows.map(({ PodName, Component }) => [PodName, Component])).toEqual([
    ['both', 'shop'],
    ['second', 'red'],
    ['third', ''],
  ]);
});

test('what another source states of pods and nodes is no part of an operator’s answer', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  await lab.put({ tenant, cluster }, factBatch([podFact(DAY, { request: 1 })], 'kubecost'));
  const nodes = createNodeQueries({
    columnar: lab.columnar,
    clusters: createClusters(lab.relational.db),
    clock,
    podLabelKeys: ['label_rht_comp'],
  });
  const ask = { tenant, onlyCluster: null, start: DAY, end: DAY + 24 * HOUR_MS };
  expect(await nodes.podDays(ask, { limit: 100, offset: 0 })).toEqual({ total: 0, rows: [] });
});
