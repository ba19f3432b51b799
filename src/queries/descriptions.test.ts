import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { factBatch, nodeFact, podFact } from '../../test/support/facts.ts';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { pointBatch, type Scraped } from '../../test/support/point-batch.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { parseAggregate } from '../core/aggregate/aggregate-keys.ts';
import { sumCosts, sumMoney } from '../core/allocation/costs.ts';
import { parseFilter } from '../core/filter/parser.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { formatMoney, type Money, ZERO } from '../lib/money.ts';
import { createClusters } from '../store/relational/clusters.ts';
import { createExchangeRates } from '../store/relational/exchange-rates.ts';
import type { AllocationQuestion } from './allocations.ts';
import { createAllocationQueries } from './ledger-allocation-queries.ts';
import { createExplanations } from './ledger-explain.ts';

/** What namespaces say of themselves, and services that choose pods: told beside the ledger, and asked about like it. */

const START = Date.parse('2026-01-02T00:00:00Z');
const NOW = START + 5 * DAY_MS;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
});
afterAll(() => lab.close());

function ask(tenant: string, aggregate: string, more: Partial<AllocationQuestion> = {}) {
  const { columnar, relational } = lab;
  const [clusters, rates] = [createClusters(relational.db), createExchangeRates(relational.db)];
  const queries = createAllocationQueries({ columnar, clusters, rates, clock: { now: () => NOW } });
  return queries.sets({
    tenant,
    onlyCluster: null,
    sets: [{ start: START, end: START + DAY_MS }],
    keys: parseAggregate(aggregate),
    filter: { kind: 'all' },
    idle: 'hide',
    idleBy: 'cluster',
    splitIdle: false,
    share: { rows: null, monthly: ZERO, split: 'weighted' },
    management: 'hide',
    ...more,
  });
}

async function rows(tenant: string, aggregate: string, more: Partial<AllocationQuestion> = {}) {
  const { sets } = await ask(tenant, aggregate, more);
  return sets.flatMap((set) => set.rows);
}

/** What each row costs, by its name. */
async function costs(tenant: string, aggregate: string, more: Partial<AllocationQuestion> = {}) {
  const named = (await rows(tenant, aggregate, more)).map(
    (row) => [row.values.join('/'), sumMoney([sumCosts(row.costs), row.shared])] as const,
  );
  return new Map(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const total = (of: ReadonlyMap<string, Money>) => formatMoney(sumMoney([...of.values()]));

describe('what the API server tells', () => {
  const ats = Array.from({ length: 48 }, (_, beat) => START + beat * (HOUR_MS / 2));
  const pod = (namespace: string, app: string) => ({
    namespace,
    pod: `${app}-1`,
    labels: { 'app.kubernetes.io/name': app },
  });
  const batch = { ...pod('shop', 'batch'), controllerKind: 'CronJob', controller: 'nightly' };
  let tenant: string;

  beforeAll(async () => {
    tenant = await lab.tenant();
    const cluster = await lab.cluster(tenant, 'east');
    await lab.put(
      { tenant, cluster },
      {
        source: 'kubernetes',
        nodes: ats.map((at) => nodeSample({ at, cpuCapacity: 8e9, memoryCapacity: 2 ** 34 })),
        containers: ats.flatMap((at) =>
          [pod('shop', 'web'), batch, pod('data', 'web'), pod('bare', 'web')].map((who) =>
            containerSample({ at, ...who, cpuRequest: 1e9 }),
          ),
        ),
        balancers: ats.map((at) => ({ at, namespace: 'shop', service: 'front', ingress: '', hourlyCost: '0.025' })),
        namespaces: [
          { at: START, namespace: 'shop', labels: { team: 'grey' }, annotations: {} },
          { at: START + HOUR_MS, namespace: 'shop', labels: { team: 'blue' }, annotations: { contact: 'ann' } },
          {
            at: START,
            namespace: 'data',
            labels: { team: 'red', 'kubernetes.io/metadata.name': 'data' },
            annotations: {},
          },
        ],
        services: [
          { at: START, namespace: 'shop', service: 'front', selector: { 'app.kubernetes.io/name': 'web' } },
          { at: START, namespace: 'shop', service: 'everything', selector: {} },
          { at: START, namespace: 'shop', service: 'other', selector: { 'app.kubernetes.io/name': 'web', tier: 'x' } },
        ],
      },
    );
    await lab.roll();
  }, 120_000);

  test('costs are cut by the labels of their namespaces, and every filter by one parts what it lets through from the rest', async () => {
    const byTeam = await costs(tenant, 'namespaceLabel:team');
    expect([...byTeam.keys()]).toEqual(['', 'blue', 'red']);
    const byNamespace = await costs(tenant, 'namespace');
    expect(byTeam.get('blue')).toBe(byNamespace.get('shop'));
    expect(total(byTeam)).toBe(total(byNamespace));
    for (const filter of ['namespaceLabel[team]:"blue"', 'namespaceLabel[team]~:"e"', 'namespaceLabel:"team"']) {
      const within = await costs(tenant, 'namespace', { filter: parseFilter(filter) });
      const without = await costs(tenant, 'namespace', { filter: { kind: 'not', part: parseFilter(filter) } });
      expect([...within.keys(), ...without.keys()].toSorted(), filter).toEqual(['bare', 'data', 'shop']);
      expect(total(new Map([...within, ...without])), filter).toBe(total(byNamespace));
    }
  });

  test('a service has the pods that its selector chooses in its namespace, and its load balancer', async () => {
    const byService = await costs(tenant, 'service');
    const byPod = await costs(tenant, 'namespace,pod');
    const parts = ['shop/', 'shop/web-1'].map((name) => byPod.get(name) ?? ZERO);
    expect([...byService.keys()]).toEqual(['', 'front']);
    expect(byService.get('front')).toBe(sumMoney(parts));
    expect(total(byService)).toBe(total(byPod));
    const asked = await costs(tenant, 'namespace,pod', { filter: parseFilter('services:"front"') });
    expect([...asked.keys()]).toEqual(['shop/', 'shop/web-1']);
  });

  test('what a CronJob made is a job', async () => {
    expect([...(await costs(tenant, 'job')).keys()]).toEqual(['', 'nightly']);
  });

  test('days and hours give the same', async () => {
    const finer = { filter: parseFilter('pod!:"nobody"') };
    for (const aggregate of ['namespaceLabel:team', 'service', 'namespaceLabel:team,service,job']) {
      expect(await costs(tenant, aggregate, finer), aggregate).toEqual(await costs(tenant, aggregate));
    }
  });

  test('load balancers as a shared cost share no pod of their services', async () => {
    const share = { rows: null, monthly: ZERO, split: 'weighted', balancers: true, parts: [] } as const;
    const shared = await costs(tenant, 'namespace,pod', { share });
    expect([...shared.keys()]).toEqual(['bare/web-1', 'data/web-1', 'shop/batch-1', 'shop/web-1']);
    expect(total(shared)).toBe(total(await costs(tenant, 'namespace,pod')));
    const [row] = await rows(tenant, 'namespace', { share });
    expect(row?.details?.sharedParts.map(({ name }) => name)).toEqual(['loadBalancers']);
  });

  test('a row tells of its namespace and of the services before its pods, of several namespaces it tells neither', async () => {
    const details = { common: true, namespaces: true };
    const described = (aggregate: string) =>
      rows(tenant, aggregate, { details }).then((found) =>
        Object.fromEntries(found.map(({ values, described }) => [values.join('/'), described])),
      );
    const shop = { labels: { team: 'blue' }, annotations: { contact: 'ann' } };
    expect(await described('namespace,pod')).toMatchObject({
      'shop/web-1': { ...shop, services: ['front'] },
      'shop/batch-1': { ...shop, services: [] },
      'data/web-1': { labels: { team: 'red', kubernetes_io_metadata_name: 'data' }, services: [] },
      'bare/web-1': { labels: {}, annotations: {}, services: [] },
    });
    expect(await described('cluster')).toEqual({ east: undefined });
  });

  test('a number is explained by the labels of namespaces too', async () => {
    const { columnar, relational, prices } = lab;
    const explanations = createExplanations({
      columnar,
      clusters: createClusters(relational.db),
      prices,
      clock: { now: () => NOW },
    });
    const { total: sum } = await explanations.explain({
      tenant,
      onlyCluster: null,
      window: { start: START, end: START + DAY_MS },
      filter: parseFilter('namespaceLabel[team]:"blue"+services:"front"'),
      limit: 1,
      offset: 0,
      samplesMax: 1,
    });
    expect(sum).toMatchObject({ rows: 24, attachedRows: 24 });
  });
});

test('what a report states of namespaces is told, the last of the day', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  const facts = [0, 1].flatMap((hour) => {
    const at = START + hour * HOUR_MS;
    const labels = { label_team: hour === 0 ? 'grey' : 'blue' };
    const namespace = { ...podFact(at), kind: 'namespace' as const, node: '', pod: '', labels };
    return [nodeFact(at), podFact(at, { usage: 3_600 }), namespace];
  });
  await lab.put({ tenant, cluster }, factBatch(facts));
  await lab.roll();
  expect([...(await costs(tenant, 'namespaceLabel:team')).keys()]).toEqual(['blue']);
});

describe('what Prometheus tells', () => {
  /** Several, so that no rule but the right one has all of them right. */
  const namespaces = ['shop', 'a', 'b', 'c', 'd', 'e'];
  const labelled = (at: number, team: string): Scraped[] =>
    namespaces.map((namespace) => ({
      at,
      value: 1,
      labels: { __name__: 'kube_namespace_labels', namespace, job: 'ksm', label_team: `${team}-${namespace}` },
    }));
  const about = (at: number): Scraped[] => [
    {
      at,
      value: (at - START) / 1_000,
      labels: {
        __name__: 'container_cpu_usage_seconds_total',
        namespace: 'shop',
        pod: 'web-1',
        container: 'app',
        node: 'n1',
      },
    },
    { at, value: 4, labels: { __name__: 'kube_node_status_capacity', node: 'n1', resource: 'cpu' } },
    { at, value: 2 ** 34, labels: { __name__: 'kube_node_status_capacity', node: 'n1', resource: 'memory' } },
    { at, value: 1, labels: { __name__: 'kube_pod_labels', namespace: 'shop', pod: 'web-1', label_app: 'web' } },
    { at, value: 1, labels: { __name__: 'kube_namespace_annotations', namespace: 'shop', annotation_contact: 'ann' } },
    {
      at,
      value: 1,
      labels: { __name__: 'service_selector_labels', namespace: 'shop', service: 'front', label_app: 'web' },
    },
  ];
  const beatsOf = (hour: number) =>
    Array.from({ length: 12 }, (_, beat) => START + hour * HOUR_MS + beat * 5 * MINUTE_MS);

  test('the last word of a day stays, in whatever order its hours came, and though it was said before', async () => {
    const hours = [0, 1, 2].map((hour) =>
      beatsOf(hour).flatMap((at) => [...about(at), ...labelled(at, hour === 1 ? 'grey' : 'blue')]),
    );
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
    ]) {
      const tenant = await lab.tenant();
      const cluster = await lab.cluster(tenant, 'east');
      for (const hour of order) {
        await lab.put({ tenant, cluster }, pointBatch(hours[hour] ?? []));
        await lab.roll();
      }
      const details = { common: true, namespaces: true };
      const [row] = await rows(tenant, 'namespace,pod', { details });
      expect(row?.described, order.join()).toEqual({
        labels: { team: 'blue-shop' },
        annotations: { contact: 'ann' },
        services: ['front'],
      });
      const told = await lab.columnar.rows({
        sql: `SELECT namespace, JSONExtractString(labels, 'team') AS team FROM namespace_days FINAL WHERE tenant = {tenant:UUID}`,
        params: { tenant },
        row: z.object({ namespace: z.string(), team: z.string() }),
      });
      expect(new Map(told.map(({ namespace, team }) => [namespace, team])), order.join()).toEqual(
        new Map(namespaces.map((namespace) => [namespace, `blue-${namespace}`])),
      );
      const early = { sets: [{ start: START, end: START + 2 * HOUR_MS }] };
      expect([...(await costs(tenant, 'namespaceLabel:team,service', early)).keys()]).toEqual(['blue-shop/front']);
    }
  });
});
