import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerQueries } from '../../test/support/ledger-queries.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { parseAggregate } from '../core/aggregate/aggregate-keys.ts';
import { addAmounts, NO_AMOUNTS } from '../core/allocation/amounts.ts';
import { sumCosts, sumIdle, sumMoney } from '../core/allocation/costs.ts';
import { parseFilter } from '../core/filter/parser.ts';
import { ALL } from '../core/filter/tree.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { formatMoney, parseMoney, ZERO } from '../lib/money.ts';
import type { AllocationQueries, AllocationQuestion, AllocationRow, AllocationSet } from './allocations.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const NOW = START + 5 * DAY_MS;
const HOURS = [0, 1, 25] as const;

let lab: LedgerLab;
let queries: AllocationQueries;
let tenant: string;

/** A node of 4 cores at 0.40 an hour, on which two pods hold a core each; in the last hour only one does. */
beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
  queries = ledgerQueries(lab, { now: () => NOW }).allocations;
  tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  const ats = HOURS.flatMap((hour) => Array.from({ length: 6 }, (_, i) => START + hour * HOUR_MS + i * 10 * MINUTE_MS));
  const pod = { node: 'n1', cpuRequest: 1e9 };
  await lab.put(
    { tenant, cluster },
    {
      source: 'agent',
      containers: ats.flatMap((at, index) => [
        containerSample({ ...pod, at, namespace: 'shop', pod: 'web', labels: { 'app.kubernetes.io/name': 'web' } }),
        ...(at < START + DAY_MS
          ? [
              containerSample({
                ...pod,
                at,
                namespace: 'data',
                pod: 'db',
                networkReceived: index,
                networkSent: 2 * index,
              }),
            ]
          : []),
      ]),
      nodes: ats.map((at) =>
        nodeSample({ at, node: 'n1', cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4' }),
      ),
    },
  );
  await lab.roll();
}, 120_000);
afterAll(() => lab.close());

interface Asked extends Partial<Omit<AllocationQuestion, 'keys' | 'filter'>> {
  readonly aggregate?: string;
  readonly filter?: string;
}

async function ask({ aggregate = 'namespace', filter, ...given }: Asked = {}): Promise<readonly AllocationSet[]> {
  const { sets } = await queries.sets({
    tenant,
    onlyCluster: null,
    sets: [{ start: START, end: NOW }],
    keys: parseAggregate(aggregate),
    filter: filter === undefined ? ALL : parseFilter(filter),
    idle: 'keep',
    idleBy: 'cluster',
    splitIdle: false,
    share: { rows: null, monthly: ZERO, split: 'weighted' },
    ...given,
  });
  return sets;
}

const DAYS = Array.from({ length: 5 }, (_, day) => ({ start: START + day * DAY_MS, end: START + (day + 1) * DAY_MS }));

describe('a large answer', () => {
  const question = (aggregate: string): AllocationQuestion => ({
    tenant,
    onlyCluster: null,
    sets: DAYS,
    keys: parseAggregate(aggregate),
    filter: ALL,
    idle: 'share',
    idleBy: 'cluster',
    splitIdle: false,
    share: { rows: parseFilter('namespace:"data"'), monthly: parseMoney('73'), split: 'even' },
    details: { common: true, attachments: true, peaks: true, metadata: true, assets: true, namespaces: true },
  });

  test.each(['pod', '', 'namespace,container'])('is the same set by set, by %j', async (aggregate) => {
    const { allocations } = ledgerQueries(lab, { now: () => NOW }, { largeCuts: 0 });
    const asked = question(aggregate);
    const { sets: whole, ...rest } = await allocations.sets(asked);
    const found = await allocations.setBySet?.(asked);
    if (found === undefined) throw new Error('it is not told set by set');
    const { sets, ...told } = found;
    const inOrder = (set: AllocationSet) => ({
      ...set,
      rows: set.rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    });
    expect(told).toEqual(rest);
    const known: AllocationSet[] = [];
    for await (const set of sets) known.push(inOrder(set));
    expect(known).toEqual(whole.map(inOrder));
    expect(known.flatMap(({ rows }) => rows).length).toBeGreaterThan(3);
  });

  test('is told whole where it is small, or of one set, or of workloads', async () => {
    const large = ledgerQueries(lab, { now: () => NOW }, { largeCuts: 0.001 }).allocations;
    expect(await queries.setBySet?.(question('pod'))).toBeUndefined();
    expect(await large.setBySet?.({ ...question('pod'), sets: DAYS.slice(0, 1) })).toBeUndefined();
    expect(await large.setBySet?.(question('namespace'))).toBeUndefined();
    expect(await large.setBySet?.(question('pod'))).toBeDefined();
  });
});

describe('what changes from day to day', () => {
  const SEEN = [0, 1, 2, 3].map((day) => START + day * DAY_MS);
  let changing: string;
  beforeAll(async () => {
    changing = await lab.tenant();
    const cluster = await lab.cluster(changing, 'east');
    for (const [day, start] of SEEN.entries()) {
      const ats = Array.from({ length: 12 }, (_, post) => start + post * 5 * MINUTE_MS);
      const [team, zone] = day < 2 ? ['red', 'a'] : ['blue', 'b'];
      const node = { node: 'n1', cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4', zone };
      await lab.put(
        { tenant: changing, cluster },
        {
          source: 'kubernetes',
          containers: ats.map((at) =>
            containerSample({ at, node: 'n1', namespace: 'shop', pod: 'web', cpuRequest: 1e9 }),
          ),
          nodes: ats.map((at) => nodeSample({ ...node, at })),
          namespaces: [{ at: start, namespace: 'shop', labels: { team }, annotations: {} }],
        },
      );
    }
    await lab.roll();
  }, 120_000);

  test.each([
    ['zone,pod', ''],
    ['pod', 'namespaceLabel[team]:"red"'],
    ['pod', 'namespaceLabel[team]:"blue"'],
  ])('is known over the whole window, by %j of %j, set by set too', async (aggregate, filter) => {
    const { allocations } = ledgerQueries(lab, { now: () => NOW }, { largeCuts: 0 });
    const asked: AllocationQuestion = {
      tenant: changing,
      onlyCluster: null,
      sets: SEEN.map((start) => ({ start, end: start + DAY_MS })),
      keys: parseAggregate(aggregate),
      filter: parseFilter(filter),
      idle: 'hide',
      idleBy: 'cluster',
      splitIdle: false,
      share: { rows: null, monthly: ZERO, split: 'weighted' },
    };
    const found = await allocations.setBySet?.(asked);
    const known: AllocationSet[] = [];
    for await (const set of found?.sets ?? []) known.push(set);
    expect(known).toEqual((await allocations.sets(asked)).sets);
  });
});

const keyOf = ({ kind, values }: AllocationRow) => JSON.stringify([kind, values]);

function totalOf(row: AllocationRow): string {
  return formatMoney(sumMoney([sumCosts(row.costs), sumIdle(row.idle), row.shared]));
}

function named(sets: readonly AllocationSet[]): Record<string, string>[] {
  return sets.map(({ rows }) =>
    Object.fromEntries(
      rows.map((row) => [
        row.kind === 'allocation' ? row.values.join('/') : `${row.kind} ${row.values.join('/')}`,
        totalOf(row),
      ]),
    ),
  );
}

function sumOf(sets: readonly AllocationSet[]): string {
  return formatMoney(
    sumMoney(
      sets.flatMap(({ rows }) => rows.map((row) => sumMoney([sumCosts(row.costs), sumIdle(row.idle), row.shared]))),
    ),
  );
}

test('what nodes cost is what is allocated and idle, by whatever it is cut', async () => {
  const cuts = ['namespace', '', 'all', 'cluster,controllerKind,controller,deployment', 'label:app,team,service'];
  for (const aggregate of [...cuts, 'annotation:x,namespaceLabel:y', 'zone,region,instanceType,pool,providerID']) {
    for (const how of [{}, { idle: 'share' }, { idle: 'share', idleBy: 'node' }, { splitIdle: true }] as const) {
      expect(sumOf(await ask({ aggregate, ...how })), `${aggregate} ${JSON.stringify(how)}`).toBe('1.2');
    }
  }
});

test('keys are what they are called, and labels are known by the names that OpenCost gives them', async () => {
  const f = async (aggregate: string, want: readonly string[]) =>
    expect(Object.keys(named(await ask({ aggregate, idle: 'hide' }))[0] ?? {}).toSorted(), aggregate).toEqual(want);
  await f('cluster,namespace', ['east/data', 'east/shop']);
  await f('cluster,node,namespace,pod', ['east/n1/data/db', 'east/n1/shop/web']);
  await f('label:app.kubernetes.io/name', ['', 'web']);
  await f('label:app_kubernetes_io_name', ['', 'web']);
  await f('all', ['']);
});

describe('sets', () => {
  const days = [0, 1, 2].map((day) => ({ start: START + day * DAY_MS, end: START + (day + 1) * DAY_MS }));

  test('each holds its own hours; what is not known is in none', async () => {
    const found = named(await ask({ sets: days, idle: 'share' }));
    expect(found).toEqual([{ shop: expect.any(String), data: expect.any(String) }, { shop: '0.4' }, {}]);
  });

  test('a cut through a day counts no hour twice', async () => {
    const at = START + 30 * MINUTE_MS; // the hour belongs to the set that holds its start
    const sets = [
      { start: START, end: at },
      { start: at, end: NOW },
    ];
    const found = await ask({ sets });
    expect(sumOf(found.slice(0, 1))).toBe('0.4');
    expect(sumOf(found)).toBe('1.2');
    expect(sumOf(await ask({ sets, aggregate: 'pod' }))).toBe('1.2'); // from hours alone
  });

  test('a monthly cost has a part in each, by its hours of 730', async () => {
    const share = { rows: null, monthly: parseMoney('730'), split: 'weighted' } as const;
    expect(named(await ask({ sets: days, share, idle: 'hide' }))[2]).toEqual({ 'shared ': '24' });
    expect(sumOf(await ask({ sets: [{ start: START, end: START + 3 * DAY_MS }], share }))).toBe('73.2');
  });
});

test('a filter, in the words of the OpenCost API, lets through what it says and the idle that goes with it', async () => {
  const f = async (filter: string, want: readonly string[]) =>
    expect(Object.keys(named(await ask({ filter }))[0] ?? {}).toSorted(), filter).toEqual(want);
  await f('namespace:"shop"', ['idle ', 'shop']);
  await f('cluster:"east"', ['data', 'idle ', 'shop']);
  await f('cluster:"west"', []);
  await f('label[app.kubernetes.io/name]:"web"', ['idle ', 'shop']);
  await f('pod:"db"', ['data', 'idle ']);
  await f(`namespace:"x' OR 1=1 --"`, []);
  const [some, others] = [await ask({ filter: 'namespace:"shop"' }), await ask({ filter: 'namespace!:"shop"' })];
  expect(Number(sumOf(some)) + Number(sumOf(others))).toBeCloseTo(1.2, 10);
});

test('namespaces that are shared are split over the others, and make no row', async () => {
  const share = { rows: parseFilter('namespace:"data"'), monthly: ZERO, split: 'weighted' } as const;
  expect(named(await ask({ share, idle: 'share' }))).toEqual([{ shop: '1.2' }]);
});

test('a row says from when to when it ran: pods by the hour, workloads by the day', async () => {
  const [pods] = await ask({ aggregate: 'pod', idle: 'hide' });
  const runs = pods?.rows.map(({ values, start, end }) => [
    values[0],
    (start - START) / HOUR_MS,
    (end - START) / HOUR_MS,
  ]);
  expect(runs?.toSorted()).toEqual([
    ['db', 0, 2],
    ['web', 0, 26],
  ]);
  const [namespaces] = await ask({ idle: 'hide' });
  expect(namespaces?.rows.map(({ values, start, end }) => [values[0], start - START, (end - START) / DAY_MS])).toEqual(
    expect.arrayContaining([
      ['data', 0, 1],
      ['shop', 0, 2],
    ]),
  );
});

test('amounts are the same from days and from hours', async () => {
  const sum = async (aggregate: string) => {
    const [set] = await ask({ aggregate });
    return set?.rows.map(({ amounts }) => amounts).reduce(addAmounts, NO_AMOUNTS);
  };
  const fromHours = await sum('pod');
  expect(await sum('namespace')).toEqual(fromHours);
  // of a node of 4 cores in 3 hours, and of pods
  expect(fromHours).toMatchObject({ cpuCoreSeconds: 12 * 3_600, cpuRequestCoreSeconds: 5 * 3_600 });
  expect(fromHours?.networkReceivedBytes).toBeGreaterThan(0);
});

test('rows are apart where their values are, though a slash in them makes their names the same', async () => {
  const owner = await lab.tenant();
  const nodes = [nodeSample({ at: START, node: 'n1', cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4' })];
  const pod = { at: START, namespace: 'n', pod: 'p', node: 'n1', cpuRequest: 1e9, memoryRequest: 0 };
  for (const [name, label] of Object.entries({ a: 'b/c', 'a/b': 'c' })) {
    const cluster = await lab.cluster(owner, name);
    const containers = [containerSample({ ...pod, labels: { x: label } })];
    await lab.put({ tenant: owner, cluster }, { source: 'agent', containers, nodes });
  }
  await lab.roll();
  const [set] = await ask({ tenant: owner, aggregate: 'cluster,label:x', idle: 'hide' });
  expect(set?.rows.map(({ values }) => values).toSorted()).toEqual([
    ['a', 'b/c'],
    ['a/b', 'c'],
  ]);
});

test('what is called like a row of ours is kept apart from it, and nothing of its cost is lost', async () => {
  const owner = await lab.tenant();
  const odd = '__idle__';
  const cluster = await lab.cluster(owner, odd);
  const node = nodeSample({ at: START, node: odd, cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4' });
  const pod = { at: START, namespace: 'n', node: odd, cpuRequest: 1e9, memoryRequest: 2 ** 33 };
  const containers = [odd, '__unallocated__'].map((name) => containerSample({ ...pod, pod: name, labels: { x: odd } }));
  await lab.put({ tenant: owner, cluster }, { source: 'agent', containers, nodes: [node] });
  await lab.roll();
  const whole = sumOf(await ask({ tenant: owner }));
  for (const aggregate of ['cluster', 'node', 'pod', 'label:x']) {
    const sets = await ask({ tenant: owner, aggregate });
    expect(sumOf(sets), aggregate).toBe(whole);
    const kinds = sets[0]?.rows
      .filter(({ values }) => values.length === 0 || values[0] === odd)
      .map(({ kind }) => kind);
    expect(kinds?.toSorted(), aggregate).toEqual(['allocation', 'idle']);
  }
  const [only] = await ask({ tenant: owner, aggregate: 'pod', idle: 'hide', filter: `node:"${odd}"+pod:"${odd}"` });
  expect(only?.rows.map(({ values }) => values)).toEqual([[odd]]);
});
