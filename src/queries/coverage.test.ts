import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerQueries } from '../../test/support/ledger-queries.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import { parseAssetAggregate, parseAssetFilter } from '../core/assets/asset-keys.ts';
import { parseFilter } from '../core/filter/parser.ts';
import type { Filter } from '../core/filter/tree.ts';
import { filterOfV1Params } from '../core/filter/v1-params.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { ZERO } from '../lib/money.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const NOW = START + DAY_MS;
/** Hours in which each cluster was seen, of the four that are asked about. */
const SEEN = { east: [0, 1, 2, 3], west: [0] };

let lab: LedgerLab;
let tenant: string;

beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
  tenant = await lab.tenant();
  for (const [name, hours] of Object.entries(SEEN)) {
    const cluster = await lab.cluster(tenant, name);
    const ats = hours.flatMap((hour) =>
      Array.from({ length: 12 }, (_, i) => START + hour * HOUR_MS + i * 5 * MINUTE_MS),
    );
    const nodes = ats.map((at) => nodeSample({ at, cpuCapacity: 4e9, memoryCapacity: 2 ** 34, hourlyCost: '0.4' }));
    const containers = ats.map((at) => containerSample({ at, namespace: 'shop', pod: 'web', cpuRequest: 1e9 }));
    await lab.put({ tenant, cluster }, { source: 'agent', nodes, containers });
  }
  await lab.roll();
}, 120_000);
afterAll(() => lab.close());

const window = { start: START, end: START + 4 * HOUR_MS };
const hours = [0, 1, 2, 3].map((hour) => ({ start: START + hour * HOUR_MS, end: START + (hour + 1) * HOUR_MS }));

function questionOf(filter: Filter) {
  const share = { rows: null, monthly: ZERO, split: 'weighted' } as const;
  const idle = { idle: 'keep', idleBy: 'cluster', splitIdle: false } as const;
  return { tenant, onlyCluster: null, sets: [window], keys: [], filter, share, ...idle } as const;
}

test('an answer says how complete the hours of those clusters are that its filter lets something through of', async () => {
  const { allocations } = ledgerQueries(lab, { now: () => NOW });
  const f = async (filter: Filter, want: readonly [clusters: string, covered: number, asked: number]) => {
    const { coverage } = await allocations.sets(questionOf(filter));
    const names = coverage.clusters.map(({ cluster_name: name }) => name).join(' ');
    expect([names, coverage.hours_covered, coverage.hours_asked], JSON.stringify(filter)).toEqual(want);
    expect(coverage.ratio).toBe(want[2] === 0 ? 0 : want[1] / want[2]);
  };
  await f(parseFilter(''), ['east west', 5, 8]);
  await f(parseFilter('namespace:"shop"'), ['east west', 5, 8]);
  await f(parseFilter('cluster:"east"'), ['east', 4, 4]);
  await f(parseFilter('cluster:"west"+namespace:"shop"'), ['west', 1, 4]);
  await f(parseFilter('cluster!:"east"'), ['west', 1, 4]);
  await f(parseFilter('cluster:"east"|namespace:"shop"'), ['east west', 5, 8]);
  await f(parseFilter('cluster:"nosuch"'), ['', 0, 0]);
  await f(filterOfV1Params({ filterClusters: 'we*' }), ['west', 1, 4]);
  await f(filterOfV1Params({ filterClusters: 'east', filterNamespaces: 'shop' }), ['east', 4, 4]);
});

test('so does each step of a chart, and so do assets', async () => {
  const { evidence, assets } = ledgerQueries(lab, { now: () => NOW });
  const byStep = (filter: string) => evidence.coverageBySet({ ...questionOf(parseFilter(filter)), sets: hours });
  expect(await byStep('')).toEqual([1, 0.5, 0.5, 0.5]);
  expect(await byStep('cluster:"east"')).toEqual([1, 1, 1, 1]);
  expect(await byStep('cluster:"west"')).toEqual([1, 0, 0, 0]);
  expect(await byStep('cluster:"nosuch"')).toEqual([0, 0, 0, 0]);
  const question = { tenant, onlyCluster: null, sets: [window], keys: parseAssetAggregate('type') };
  const { coverage } = await assets.sets({ ...question, filter: parseAssetFilter('cluster:"west"') });
  expect(coverage).toMatchObject({ hours_asked: 4, hours_covered: 1, ratio: 0.25 });
});
