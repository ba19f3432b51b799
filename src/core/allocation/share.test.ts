import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { allocationOf } from '../../../test/support/allocation-properties.ts';
import { hasOracle, ORACLE, readOracle } from '../../../test/support/opencost-oracle.ts';
import { addMoney, formatMoney, type Money, moneyToNumber, parseMoney, ZERO } from '../../lib/money.ts';
import { parseAggregate } from '../aggregate/aggregate-keys.ts';
import { aggregateKeyOf } from '../aggregate/key-of.ts';
import { matches } from '../filter/matches.ts';
import { parseFilter } from '../filter/parser.ts';
import { ALL } from '../filter/tree.ts';
import { type Costs, NO_COSTS, sumCosts, sumIdle, sumMoney } from './costs.ts';
import type { Part } from './pool.ts';
import { type Cut, type Fee, type Leftover, type SharedSet, type SharingChoice, shareOut } from './share.ts';

const cpu = (amount: string): Costs => ({ ...NO_COSTS, cpu: parseMoney(amount) });
const cut = (key: string, amount: string, part: Part = 'asked', cluster = 'p'): Cut => ({
  cluster,
  place: cluster,
  key,
  part,
  costs: cpu(amount),
});
const idle = (amount: string): Leftover => ({ place: 'p', kind: 'idle', isAsked: true, costs: cpu(amount) });
const keep: SharingChoice = { idle: 'keep', idleSplit: 'weighted', split: 'weighted', fixed: ZERO, fees: [] };

/** Rows as `name cost+idle+shared`, what stays left over, and what nobody took. */
function shown({ rows, leftovers, unshared }: SharedSet): string[] {
  return [
    ...[...rows].map(
      ([key, row]) =>
        `${key} ${[sumCosts(row.costs), sumIdle(row.idle), row.shared].map((amount) => formatMoney(amount)).join('+')}`,
    ),
    ...leftovers.map(({ kind, costs }) => `${kind} ${formatMoney(sumCosts(costs))}`),
    ...(unshared === ZERO ? [] : [`unshared ${formatMoney(unshared)}`]),
  ];
}

test('idle and shared costs go to those who take them, in proportion or evenly', () => {
  const f = (cuts: Cut[], left: Leftover[], choice: Partial<SharingChoice>, want: string[]) =>
    expect(shown(shareOut(cuts, left, { ...keep, ...choice }))).toEqual(want);
  const [a, b] = [cut('a', '1'), cut('b', '3')];
  f([a, b], [idle('8')], {}, ['a 1+0+0', 'b 3+0+0', 'idle 8']);
  f([a, b], [idle('8')], { idle: 'hide' }, ['a 1+0+0', 'b 3+0+0']);
  f([a, b], [idle('8')], { idle: 'share' }, ['a 1+2+0', 'b 3+6+0']);
  f([a, b], [], { fixed: parseMoney('8') }, ['a 1+0+2', 'b 3+0+6']);
  f([a, b], [], { fixed: parseMoney('8'), split: 'even' }, ['a 1+0+4', 'b 3+0+4']);
  // what is shared carries its idle with it
  f([a, b, cut('c', '4', 'shared')], [idle('8')], { idle: 'share' }, ['a 1+1+2', 'b 3+3+6']);
  f([a, b, cut('c', '4', 'shared')], [idle('8')], {}, ['a 1+0+1', 'b 3+0+3', 'idle 8']);
  // what the filter leaves out takes its part too
  f([a, cut('b', '3', 'other')], [idle('8')], { idle: 'share' }, ['a 1+2+0']);
  f([a, cut('b', '3', 'other')], [idle('8')], {}, ['a 1+0+0', 'idle 2']);
  f([a, cut('b', '3', 'other')], [], { fixed: parseMoney('8') }, ['a 1+0+2']);
  f([a, cut('b', '3', 'other')], [], { fixed: parseMoney('8'), split: 'even' }, ['a 1+0+4']);
  // with nobody to take it, it stays
  f([], [idle('8')], { idle: 'share' }, ['idle 8']);
  f([], [{ ...idle('8'), isAsked: false }], {}, []);
  f([cut('c', '4', 'shared')], [idle('8')], { idle: 'share' }, ['unshared 12']);
  // a volume is no reason to pay for nodes
  f([a, { ...cut('c', '0'), costs: { ...NO_COSTS, pv: parseMoney('5') } }], [idle('8')], { idle: 'share' }, [
    'a 1+8+0',
    'c 5+0+0',
  ]);
  f([{ ...cut('c', '0'), costs: { ...NO_COSTS, pv: parseMoney('5') } }], [idle('8')], { idle: 'share' }, [
    'c 5+0+0',
    'idle 8',
  ]);
  // overcommitment is shown, never given to anybody
  f([a], [{ ...idle('-1'), kind: 'overcommit' }], { idle: 'share' }, ['a 1+0+0', 'overcommit -1']);
});

test('idle that is shared evenly falls on each row that pays for its resource there, the same on each', () => {
  const f = (cuts: Cut[], left: Leftover[], choice: Partial<SharingChoice>, want: string[]) =>
    expect(shown(shareOut(cuts, left, { ...keep, idle: 'share', idleSplit: 'even', ...choice }))).toEqual(want);
  const [a, b] = [cut('a', '1'), cut('b', '3')];
  f([a, b], [idle('8')], {}, ['a 1+4+0', 'b 3+4+0']);
  // a row of two parts counts once
  f([a, b, cut('b', '5')], [idle('8')], {}, ['a 1+4+0', 'b 8+4+0']);
  // who is elsewhere, or pays for no CPU, takes none
  f([a, cut('b', '3', 'asked', 'q')], [idle('8')], {}, ['a 1+8+0', 'b 3+0+0']);
  f([a, cut('b', '0')], [idle('8')], {}, ['a 1+8+0', 'b 0+0+0']);
  // what is shared counts as one row, whatever it is made of
  f([a, b, cut('c', '1', 'shared'), cut('d', '1', 'shared')], [idle('6')], {}, ['a 1+2+1', 'b 3+2+3']);
  // what the filter leaves out takes its part too: a row of its own, or its part of a row
  f([a, cut('b', '3', 'other')], [idle('8')], {}, ['a 1+4+0']);
  f([a, cut('b', '3'), cut('b', '1', 'other')], [idle('8')], {}, ['a 1+4+0', 'b 3+3+0']);
  // kept idle is not split at all
  f([a, cut('b', '3', 'other')], [idle('8')], { idle: 'keep' }, ['a 1+0+0', 'idle 2']);
  f([], [idle('8')], {}, ['idle 8']);
});

test('the fee of a cluster falls on what ran in that cluster, and on nothing else', () => {
  const fee = (cluster: string, amount: string, isAsked = true): Fee => ({
    cluster,
    isAsked,
    cost: parseMoney(amount),
  });
  const f = (cuts: Cut[], fees: Fee[], choice: Partial<SharingChoice>, want: string[]) =>
    expect(shown(shareOut(cuts, [], { ...keep, fees, ...choice }))).toEqual(want);
  const [a, b, c] = [cut('a', '1'), cut('b', '3'), cut('c', '9', 'asked', 'q')];
  f([a, b, c], [fee('p', '8')], {}, ['a 1+0+2', 'b 3+0+6', 'c 9+0+0']);
  f([a, b, c], [fee('p', '8'), fee('q', '1')], { split: 'even' }, ['a 1+0+4', 'b 3+0+4', 'c 9+0+1']);
  // a row of two clusters bears some of each, by what it costs there
  f([a, b, cut('a', '9', 'asked', 'q')], [fee('p', '8'), fee('q', '1')], {}, ['a 10+0+3', 'b 3+0+6']);
  // a shared cost that is nobody's own falls on all
  f([a, b, c], [fee('q', '1')], { fixed: parseMoney('13') }, ['a 1+0+1', 'b 3+0+3', 'c 9+0+10']);
  // what the filter leaves out bears its part
  f([a, cut('b', '3', 'other'), cut('c', '9', 'other', 'q')], [fee('p', '8'), fee('q', '1', false)], {}, ['a 1+0+2']);
  // a cluster in which nothing ran: its fee stays, where it is asked about
  f([a], [fee('q', '1')], {}, ['a 1+0+0', 'unshared 1']);
  f([a], [fee('q', '1', false)], {}, ['a 1+0+0']);
});

const amount = fc
  .oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 10n ** 15n }))
  .map((pico) => parseMoney(`${pico}e-12`));
const costs = fc.record({ cpu: amount, ram: amount, pv: amount }).map((some): Costs => ({ ...NO_COSTS, ...some }));
const place = fc.constantFrom('p', 'q', 'r');
const cuts = fc.array(
  fc.record({
    cluster: fc.constantFrom('east', 'west'),
    place,
    key: fc.constantFrom('a', 'b', 'c'),
    part: fc.constantFrom<Part>('asked', 'shared', 'other'),
    costs,
  }),
  { maxLength: 12 },
);
const leftovers = fc.array(
  fc.record({
    place,
    kind: fc.constantFrom('idle' as const, 'overcommit' as const),
    isAsked: fc.constant(true),
    costs: fc.record({ cpu: amount, ram: amount }).map((some): Costs => ({ ...NO_COSTS, ...some })),
  }),
  { maxLength: 5 },
);
const fees = fc.uniqueArray(
  fc.record<Fee>({ cluster: fc.constantFrom('east', 'west'), isAsked: fc.constant(true), cost: amount }),
  { selector: ({ cluster }) => cluster },
);
const choice = fc.record<SharingChoice>({
  idle: fc.constantFrom('keep', 'share'),
  idleSplit: fc.constantFrom('weighted', 'even'),
  split: fc.constantFrom('weighted', 'even'),
  fixed: amount,
  fees,
});

function totalOf({ rows, leftovers: left, unshared }: SharedSet): Money {
  const ofRows = [...rows.values()].map((row) => sumMoney([sumCosts(row.costs), sumIdle(row.idle), row.shared]));
  return sumMoney([...ofRows, ...left.map((one) => sumCosts(one.costs)), unshared]);
}

test('sharing moves money and makes none: without a filter the total is what went in, to the last digit', () => {
  fc.assert(
    fc.property(cuts, leftovers, choice, (all, left, how) => {
      const unfiltered = all.map((one) => ({ ...one, part: one.part === 'other' ? 'asked' : one.part }) as const);
      const before = sumMoney([
        how.fixed,
        ...how.fees.map(({ cost }) => cost),
        ...[...unfiltered, ...left].map((one) => sumCosts(one.costs)),
      ]);
      expect(totalOf(shareOut(unfiltered, left, how))).toBe(before);
    }),
  );
});

test('the order in which cuts come changes no digit', () => {
  fc.assert(
    fc.property(cuts, leftovers, choice, fc.func(fc.integer()), (all, left, how, order) => {
      const settle = (some: Cut[]) => shown(shareOut(some, left, how)).toSorted();
      expect(settle(all.toSorted((a, b) => order(a) - order(b)))).toEqual(settle(all));
    }),
  );
});

test('a filter and its opposite add up to no filter, but for a pico for each amount that was cut', () => {
  const swap = { asked: 'other', other: 'asked', shared: 'shared' } as const;
  fc.assert(
    fc.property(cuts, leftovers, choice, (all, left, how) => {
      const hasTakers = all.some((one) => one.part !== 'shared' && sumCosts(one.costs) > 0n);
      fc.pre(hasTakers);
      const inPlace = left.filter((one) => all.some((other) => other.place === one.place && sumIdle(other.costs) > 0n));
      const inCluster = how.fees.filter((fee) =>
        all.some((one) => one.part !== 'shared' && one.cluster === fee.cluster),
      );
      const borne = { ...how, fees: inCluster };
      const opposite = all.map((one) => ({ ...one, part: swap[one.part] }));
      const both = addMoney(totalOf(shareOut(all, inPlace, borne)), totalOf(shareOut(opposite, inPlace, borne)));
      const whole = sumMoney([
        how.fixed,
        ...inCluster.map(({ cost }) => cost),
        ...[...all, ...inPlace].map((one) => sumCosts(one.costs)),
      ]);
      expect(Math.abs(Number(both - whole))).toBeLessThanOrEqual(30);
    }),
  );
});

test('however fees fall on rows, those of a cluster bear the whole fee of that cluster', () => {
  fc.assert(
    fc.property(cuts, fees, fc.constantFrom('weighted', 'even'), (all, told, split) => {
      const here = all.map((one) => ({ ...one, key: `${one.cluster} ${one.key}`, part: 'asked' }) as const);
      const { rows } = shareOut(here, [], { ...keep, split, fees: told });
      for (const { cluster, cost } of told.filter((fee) => here.some((one) => one.cluster === fee.cluster))) {
        const borne = [...rows].filter(([key]) => key.startsWith(cluster)).map(([, { shared }]) => shared);
        expect(sumMoney(borne)).toBe(cost);
      }
    }),
  );
});

const dollars = z.number().default(0);
const MockSet = z.object({
  active: z.array(
    z.object({
      properties: z.looseObject({ cluster: z.string(), node: z.string() }),
      cpuCost: dollars,
      ramCost: dollars,
      gpuCost: dollars,
      pvCost: dollars,
      networkCost: dollars,
      loadBalancerCost: dollars,
    }),
  ),
  idleByCluster: z.array(z.object({ key: z.string(), cpuCost: z.number(), ramCost: z.number(), gpuCost: z.number() })),
  idleByNode: z.array(z.object({ key: z.string(), cpuCost: z.number(), ramCost: z.number(), gpuCost: z.number() })),
});
const Table = z.object({
  cases: z.record(
    z.string(),
    z.object({
      aggregate: z.array(z.string()),
      options: z.object({
        filter: z.string().optional(),
        share: z.string().optional(),
        shareIdle: z.string().optional(),
        shareSplit: z.enum(['weighted', 'even']).default('weighted'),
        splitIdle: z.boolean().default(false),
        idleByNode: z.boolean().default(false),
        sharedHourlyCost: z.number().default(0),
      }),
      independent: z.record(z.string(), z.number()),
    }),
  ),
});

/** 6e: whose idle it is that shared costs bring along is not agreed on there either; the table marks it as disputed. */
const NOT_THEIRS = new Set(['6e']);

describe.skipIf(!hasOracle)(ORACLE, () => {
  const agrees = (name: string, found: ReadonlyMap<string, number>, want: Readonly<Record<string, number>>) => {
    expect([...found.keys()].toSorted(), name).toEqual(Object.keys(want).toSorted());
    for (const [key, cost] of Object.entries(want)) expect(found.get(key), `${name} ${key}`).toBeCloseTo(cost, 3);
  };

  test('shared, split, filtered and idle costs are theirs', () => {
    const mock = readOracle('mock_allocation_set', MockSet);
    const { cases } = readOracle('aggregate_by', Table);
    for (const [name, { aggregate, options, independent }] of Object.entries(cases)) {
      if (!NOT_THEIRS.has(name)) agrees(name, settled(mock, aggregate, options), independent);
    }
  });

  test('so are those of other keys, filters and choices over the same allocations', () => {
    const mock = readOracle('mock_allocation_set', MockSet);
    const plain: Options = { shareSplit: 'weighted', splitIdle: false, idleByNode: false, sharedHourlyCost: 0 };
    const [idle, none] = ['__idle__', '__unallocated__'];
    const f = (aggregate: string, want: Readonly<Record<string, number>>, options: Partial<Options> = {}) =>
      agrees(`${aggregate} ${JSON.stringify(options)}`, settled(mock, [aggregate], { ...plain, ...options }), want);
    f('namespace', { namespace1: 28, namespace2: 36, namespace3: 18, [idle]: 30 });
    f('container', {
      container1: 16,
      container2: 6,
      container3: 6,
      container4: 12,
      container5: 12,
      container6: 12,
      container7: 6,
      container8: 6,
      container9: 6,
      [idle]: 30,
    });
    f('controller', {
      'deployment:deployment1': 12,
      'deployment:deployment2': 24,
      'deployment:deployment3': 6,
      'daemonset:daemonset1': 12,
      'statefulset:statefulset1': 12,
      [none]: 16,
      [idle]: 30,
    });
    f('label:app', { app1: 16, app2: 24, [none]: 42, [idle]: 30 });
    f('annotation:team', { team1: 12, team2: 6, [none]: 64, [idle]: 30 });
    f('statefulset', { statefulset1: 12, [none]: 70, [idle]: 30 });
    f('label:app,label:env', {
      'app1/env1': 16,
      'app2/env2': 12,
      [`app2/${none}`]: 12,
      [`${none}/${none}`]: 42,
      [idle]: 30,
    });
    f('pod,annotation:team', {
      'pod-stu/team1': 6,
      'pod-vwx/team1': 6,
      'pod-vwx/team2': 6,
      [`pod1/${none}`]: 16,
      [`pod-abc/${none}`]: 6,
      [`pod-def/${none}`]: 6,
      [`pod-ghi/${none}`]: 12,
      [`pod-jkl/${none}`]: 6,
      [`pod-mno/${none}`]: 12,
      [`pod-pqr/${none}`]: 6,
      [idle]: 30,
    });
    const [onlyTwo, weighted] = [{ filter: 'namespace:"namespace2"' }, { shareIdle: 'weighted' }] as const;
    f('namespace', { namespace1: 35.875, namespace2: 46.125, [idle]: 30 }, { share: 'namespace:"namespace3"' });
    f(
      'namespace',
      { namespace1: 85.3659, namespace2: 109.7561, namespace3: 54.878, [idle]: 30 },
      { sharedHourlyCost: 7 },
    );
    f('cluster', { cluster1: 66 }, { ...weighted, filter: 'cluster:"cluster1"' });
    f('cluster', { cluster1: 18, cluster2: 18, [idle]: 10.3125 }, onlyTwo);
    f('namespace', { namespace1: 38, namespace2: 51, namespace3: 23 }, { shareIdle: 'even' });
    f('namespace', { namespace2: 46.3125 }, { ...onlyTwo, ...weighted });
    f('namespace', { namespace2: 46.3125 }, { ...onlyTwo, ...weighted, idleByNode: true });
    f('namespace', { namespace2: 109.7561, [idle]: 10.3125 }, { ...onlyTwo, sharedHourlyCost: 7 });
    f('namespace', { namespace2: 74.7708 }, { ...onlyTwo, ...weighted, share: 'namespace:"namespace1"' });
    f('namespace', { namespace1: 28, namespace2: 36, namespace3: 18, [idle]: 30 }, { idleByNode: true });
  });
});

type Mock = z.infer<typeof MockSet>;
type Options = z.infer<typeof Table>['cases'][string]['options'];

function settled(mock: Mock, aggregate: readonly string[], options: Options): Map<string, number> {
  const keys = parseAggregate(aggregate.join(','));
  const filter = options.filter === undefined ? ALL : parseFilter(options.filter);
  const share = options.share === undefined ? ({ kind: 'not', part: ALL } as const) : parseFilter(options.share);
  const cutsOf = mock.active.map(({ properties, ...given }): Cut => {
    const known = allocationOf(properties);
    const part = matches(share, known) ? 'shared' : matches(filter, known) ? 'asked' : 'other';
    const place = options.idleByNode ? known.node : known.cluster;
    return { cluster: known.cluster, place, key: aggregateKeyOf(keys, known), part, costs: dollarsOf(given) };
  });
  const left = (options.idleByNode ? mock.idleByNode : mock.idleByCluster).map(
    ({ key, ...given }): Leftover => ({ place: key, kind: 'idle', isAsked: true, costs: dollarsOf(given) }),
  );
  const fixed = parseMoney(options.sharedHourlyCost * 24);
  const { shareIdle, shareSplit: split } = options;
  const idleSplit = shareIdle === 'even' ? 'even' : 'weighted';
  const how = { idle: shareIdle === undefined ? 'keep' : 'share', idleSplit, split, fixed, fees: [] } as const;
  const { rows, leftovers: stay } = shareOut(cutsOf, left, how);
  const sums = new Map<string, number>();
  for (const [key, row] of rows) {
    sums.set(key, moneyToNumber(sumMoney([sumCosts(row.costs), sumIdle(row.idle), row.shared])));
  }
  for (const one of stay) {
    const key = options.splitIdle ? `${one.place}/__idle__` : '__idle__';
    sums.set(key, (sums.get(key) ?? 0) + moneyToNumber(sumCosts(one.costs)));
  }
  return sums;
}

function dollarsOf(given: Readonly<Record<string, number>>): Costs {
  const of = (resource: keyof Costs) => parseMoney(given[`${resource}Cost`] ?? 0);
  return {
    ...NO_COSTS,
    cpu: of('cpu'),
    ram: of('ram'),
    gpu: of('gpu'),
    pv: of('pv'),
    network: of('network'),
    loadBalancer: of('loadBalancer'),
  };
}
