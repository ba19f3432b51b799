import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { nodeSample } from '../../test/support/samples.ts';
import { BOOK_RATES } from '../core/price-books.ts';
import { type NodeMatch, PRICE_RULES_MAX, type PriceRule, ruleOf } from '../core/price-rules.ts';
import { costOver, DEFAULT_PRICE_BOOK, priceNode } from '../core/pricing.ts';
import type { NodeSample } from '../core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { formatMoney, parseMoney } from '../lib/money.ts';

const HOUR = Date.UTC(2026, 0, 5, 10);
const GIB = 2 ** 30;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

const TYPES = ['m5.large', 'C6I.4xlarge', ''];
const REGIONS = ['eu-west-1', 'US-east-1'];
const POOLS = ['batch', 'Web'];
const LABEL = 'example.com/team';
const TEAMS = ['red', 'Blue'];

/** Seldom: a rule that asks about everything fits nothing. */
const some = <T>(values: readonly T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
const amount = fc.bigInt({ min: 0n, max: 10n ** 13n }).map((pico) => parseMoney(`${pico}e-12`));

const match: fc.Arbitrary<NodeMatch> = fc.record({
  node: some(['n0', 'N3']),
  providerId: some(['i-1', 'aws:///eu-west-1b/i-2', 'azure:///x/Y/3']),
  instanceType: some(['M5.large', 'c6i.4xlarge']),
  region: some(REGIONS),
  pool: some(POOLS),
  spot: some([true, false]),
  labels: some(TEAMS.map((team) => ({ [LABEL]: team }))),
});

const price = fc.oneof(
  amount.map((nodeHour) => ({ nodeHour })),
  fc.record({ cpuCoreHour: fc.option(amount, { nil: undefined }), ramGibHour: amount }),
);
const discount = fc.record({
  share: fc.bigInt({ min: 0n, max: 100_000_000n }),
  of: fc.subarray(['book', 'reported'] as const, { minLength: 1 }),
});
const rule: fc.Arbitrary<PriceRule> = fc
  .record({
    match,
    price: fc.option(price),
    gpuHour: fc.option(amount, { nil: undefined }),
    discount: fc.option(discount),
  })
  .filter((it) => it.price !== null || it.gpuHour !== undefined || it.discount !== null)
  .map((it) => ({ match: it.match, ...it.price, gpuHour: it.gpuHour, discount: it.discount ?? undefined }));

interface Drawn {
  readonly type: string;
  readonly region: string;
  readonly pool: string;
  readonly team: string;
  readonly spot: boolean;
  readonly gpus: number;
  readonly price: string | null;
  readonly provider: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  type: fc.constantFrom(...TYPES),
  region: fc.constantFrom(...REGIONS),
  pool: fc.constantFrom(...POOLS, ''),
  team: fc.constantFrom(...TEAMS, ''),
  spot: fc.boolean(),
  gpus: fc.constantFrom(0, 0, 1, 2.5),
  price: fc.constantFrom(null, '0', '0.192', '3.123456789012'),
  provider: fc.constantFrom('', 'aws:///eu-west-1a/i-1', 'aws:///eu-west-1b/I-2', 'azure:///x/y/3', 'gce://p/z/i-1'),
});

const NodeRow = z.object({
  node: z.string(),
  basis: z.string(),
  cpu: z.string(),
  ram: z.string(),
  gpu: z.string(),
  discount: z.string(),
});

const NODE_ROWS = `
  SELECT node, price_basis AS basis, toString(cpu_cost) AS cpu, toString(ram_cost) AS ram, toString(gpu_cost) AS gpu,
    toString(discount) AS discount
  FROM node_hours FINAL
  WHERE toString(tenant) = {tenant:String} AND hour = toDateTime({hour:UInt32}, 'UTC') AND NOT withdrawn
  ORDER BY node`;

test('the ledger finds the rules of a node, and counts its cost, as the plain words of core do', async () => {
  const rules = fc.array(rule, { maxLength: 12 });
  const nodes = fc.array(drawn, { minLength: 10, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(rules, rules, nodes, async (first, later, given) => {
      const tenant = await lab.tenant();
      const cluster = await lab.cluster(tenant, 'ruled');
      await addRules(tenant, first);
      const samples = given.flatMap((node, index) => samplesOf(`n${index}`, node));
      await lab.put({ tenant, cluster }, { source: 'agent', containers: [], nodes: samples });
      await lab.roll();
      expect(await rows(tenant)).toEqual(
        given.map((node, index) => expected(`n${index}`, node, first)).toSorted(byNode),
      );
      // Priced again from the ledger alone, which must not have lost what was reported.
      await addRules(tenant, later);
      await lab.roll();
      expect(await rows(tenant)).toEqual(
        given.map((node, index) => expected(`n${index}`, node, later)).toSorted(byNode),
      );
    }),
    { numRuns: 6 },
  );
});

test('the most and longest rules that a version may have fit into a statement, and the last of them counts', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'many rules');
  // Letters of two bytes, which take six characters on their way to the engine.
  const nameOf = (index: number) => `${'é'.repeat(30)}${String(index).padStart(5, '0')}`;
  const rules = Array.from({ length: PRICE_RULES_MAX }, (_, index): PriceRule => {
    const rate = parseMoney(`100000.${String(index).padStart(12, '0')}`);
    const rates = { cpuCoreHour: rate, ramGibHour: rate, gpuHour: rate };
    return { match: { node: nameOf(index) }, ...rates, discount: { share: 12_345_678n, of: ['book', 'reported'] } };
  });
  await addRules(tenant, rules);
  const plain = { type: '', region: '', pool: '', team: '', spot: false, gpus: 0, price: null, provider: '' };
  await lab.put({ tenant, cluster }, { source: 'agent', containers: [], nodes: samplesOf(nameOf(999), plain) });
  await lab.roll();
  expect(await rows(tenant)).toEqual([expected(nameOf(999), plain, rules)]);
});

const byNode = (a: { node: string }, b: { node: string }) => (a.node < b.node ? -1 : 1);

function rows(tenant: string) {
  return lab.columnar.rows({ sql: NODE_ROWS, params: { tenant, hour: HOUR / 1_000 }, row: NodeRow });
}

async function addRules(tenant: string, rules: readonly PriceRule[]): Promise<void> {
  const scope = { clusterId: null, effectiveFrom: HOUR, note: '', createdAt: HOUR, createdBy: 'test' };
  await lab.prices.add(tenant, { ...scope, base: 'default', rates: BOOK_RATES.default, storageClasses: {}, rules });
}

function samplesOf(name: string, node: Drawn): NodeSample[] {
  const what = {
    node: name,
    providerId: node.provider,
    instanceType: node.type,
    region: node.region,
    spot: node.spot,
    cpuCapacity: 4e9,
    memoryCapacity: 16 * GIB,
    gpuCapacity: node.gpus * 1e9,
    hourlyCost: node.price,
    labels: labelsOf(node),
  };
  return Array.from({ length: 60 }, (_, minute) => nodeSample({ at: HOUR + minute * MINUTE_MS, ...what }));
}

function labelsOf({ pool, team }: Drawn): Record<string, string> {
  return {
    ...(pool === '' ? {} : { 'eks.amazonaws.com/nodegroup': pool }),
    ...(team === '' ? {} : { [LABEL]: team }),
  };
}

function expected(name: string, node: Drawn, rules: readonly PriceRule[]) {
  const { provider: providerId, type: instanceType, region, pool, spot, team } = node;
  const labels = new Map(team === '' ? [] : [['example_com_team', team]]);
  const found = ruleOf({ node: name, providerId, instanceType, region, pool, spot, labels }, rules);
  const capacity = {
    cpu: 4n * 1_000_000n * 3_600n,
    ram: BigInt(16 * GIB) * 3_600n,
    gpu: BigInt(node.gpus * 1_000_000) * 3_600n,
  };
  const reported = node.price === null ? null : costOver(parseMoney(node.price), HOUR_MS);
  const cost = priceNode({ capacity, spot, reported, rule: { ...found, coveredMs: HOUR_MS } }, DEFAULT_PRICE_BOOK);
  const taken = found.discount?.of.some((basis) => basis === cost.basis) ? found.discount.share : 0n;
  return {
    node: name,
    basis: cost.basis,
    cpu: formatMoney(cost.cpu),
    ram: formatMoney(cost.ram),
    gpu: formatMoney(cost.gpu),
    discount: formatMoney(parseMoney(`${taken}e-8`)),
  };
}
