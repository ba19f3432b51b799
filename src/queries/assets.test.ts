import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { ledgerQueries } from '../../test/support/ledger-queries.ts';
import { SMALL_START, smallCluster } from '../../test/support/small-cluster.ts';
import { OPENCOST_ASSET_KEYS, parseAssetAggregate, parseAssetFilter } from '../core/assets/asset-keys.ts';
import { DAY_MS, HOUR_MS } from '../lib/clock.ts';
import { formatMoney, ZERO } from '../lib/money.ts';
import { type AssetQueries, type AssetQuestion, type AssetRow, type AssetSet, assetTotal } from './assets.ts';

const NOW = SMALL_START + 5 * DAY_MS;
let lab: LedgerLab;
let queries: AssetQueries;
let tenant: string;

beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
  queries = ledgerQueries(lab, { now: () => NOW }).assets;
  tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'east');
  await lab.put({ tenant, cluster }, smallCluster(SMALL_START, 3));
  await lab.roll();
}, 120_000);
afterAll(() => lab.close());

interface Asked extends Partial<Omit<AssetQuestion, 'filter'>> {
  readonly aggregate?: string;
  readonly filter?: string;
}

async function ask({ aggregate = '', filter = '', ...given }: Asked = {}): Promise<readonly AssetSet[]> {
  const { sets } = await queries.sets({
    tenant,
    onlyCluster: null,
    sets: [{ start: SMALL_START, end: SMALL_START + 4 * HOUR_MS }],
    keys: parseAssetAggregate(aggregate),
    filter: parseAssetFilter(filter),
    ...given,
  });
  return sets;
}

const named = ([set]: readonly AssetSet[]) =>
  Object.fromEntries(set?.rows.map((row) => [row.values.join('/'), formatMoney(assetTotal(row.costs))]) ?? []);

async function rowOf(name: string): Promise<AssetRow> {
  const rows = (await ask())[0]?.rows ?? [];
  const row = rows.find(({ values }) => values.at(-1) === name);
  if (!row) throw new Error(`there is no asset ${name} among ${rows.map(({ values }) => values.join('/')).join(', ')}`);
  return row;
}

test('each thing that a cluster is paid for is an asset, with what it cost', async () => {
  expect(named(await ask())).toEqual({
    'east/Node/n1': '1.2',
    'east/Node/n2': '0.3',
    'east/Disk/pv-1': '0.016438356',
    'east/Disk/pv-2': '0.0016438356',
    'east/LoadBalancer/shop/front': '0.075',
  });
});

test('assets are cut by what they are, and their costs add up the same', async () => {
  const f = async (aggregate: string, want: Record<string, string>) =>
    expect(named(await ask({ aggregate })), aggregate).toEqual(want);
  await f('all', { '': '1.5930821916' });
  await f('type', { Node: '1.5', Disk: '0.0180821916', LoadBalancer: '0.075' });
  await f('category', { Compute: '1.5', Storage: '0.0180821916', Network: '0.075' });
  await f('provider,cluster', { 'AWS/east': '1.5930821916' });
  await f('pool', { main: '1.2', spot: '0.3', '': '0.0930821916' });
  await f('label:team', { platform: '1.2', '': '0.3930821916' });
  await f('team', { platform: '1.2', '': '0.3930821916' });
  await f('instanceType', { 'm5.xlarge': '1.2', 'm5.large': '0.3', '': '0.0930821916' });
  await f('namespace', { '': '1.5', shop: '0.0930821916' });
});

test('a filter says which, in the words of OpenCost', async () => {
  const f = async (filter: string, want: string) =>
    expect(named(await ask({ aggregate: 'all', filter }))[''], filter).toBe(want);
  await f('assetType:"node"', '1.5');
  await f('type:"Node"+name!:"n1"', '0.3');
  await f('provider:"AWS"+category:"Storage"', '0.0180821916');
  await f('label[team]:"platform"', '1.2');
  await f('label[eks_amazonaws_com_nodegroup]:"spot"', '0.3');
  await f('team:"platform"', '1.2');
  await f('account:"__undefined__"', '1.5930821916');
  await f('providerID<~:"aws://"', '1.5');
  expect(named(await ask({ filter: `name:"x' OR 1=1 --"` }))).toEqual({});
  expect(() => parseAssetFilter('pod:"x"')).toThrow('expected a field (assetType, type, category');
});

describe('a node', () => {
  test('says what it offered, what was used of it, and how it is bought', async () => {
    const { properties, labels, amounts, costs } = await rowOf('n1');
    expect(properties).toMatchObject({
      category: 'Compute',
      provider: 'AWS',
      service: 'Kubernetes',
      providerId: 'aws:///eu-west-1a/i-0123',
      zone: 'eu-west-1a',
      instanceType: 'm5.xlarge',
      pool: 'main',
    });
    expect(labels).toMatchObject({ eks_amazonaws_com_nodegroup: 'main', team: 'platform' });
    expect(amounts).toMatchObject({
      cpuCoreSeconds: 4 * 3 * 3_600,
      ramByteSeconds: 16 * 2 ** 30 * 3 * 3_600,
      cpuUserCoreSeconds: 0.5 * 3 * 3_600,
      cpuSystemCoreSeconds: 0.25 * 3 * 3_600,
      ramSystemByteSeconds: 2 ** 30 * 3 * 3_600,
      coveredMs: 3 * HOUR_MS,
      spotMs: 0,
    });
    expect(amounts.undiscounted).toBeCloseTo(1.2, 12);
    expect(formatMoney(costs.cpu)).not.toBe('0');
    expect((await rowOf('n2')).amounts.spotMs).toBe(3 * HOUR_MS);
  });

  test('was there from its first sample to its last', async () => {
    const { start, end } = await rowOf('n1');
    expect([start, end]).toEqual([SMALL_START, SMALL_START + 3 * HOUR_MS]);
  });
});

test('a disk says what it held, and for how much of it a pod had it mounted', async () => {
  const { properties, amounts } = await rowOf('pv-1');
  expect(properties).toMatchObject({
    provider: 'AWS',
    providerId: 'vol-data',
    storageClass: 'gp3',
    namespace: 'shop',
    claim: 'data',
  });
  expect(amounts).toMatchObject({ byteSeconds: 100 * 2 ** 30 * 10_800, mountedByteSeconds: 100 * 2 ** 30 * 10_800 });
  expect((await rowOf('pv-2')).amounts.mountedByteSeconds).toBe(0);
  expect((await rowOf('shop/front')).properties.ip).toBe('203.0.113.7');
});

test('each set holds its own hours, and another tenant or cluster has none', async () => {
  const sets = [0, 1, 2, 3].map((hour) => ({
    start: SMALL_START + hour * HOUR_MS,
    end: SMALL_START + (hour + 1) * HOUR_MS,
  }));
  const found = await ask({ sets, aggregate: 'type' });
  expect(found.map((set) => named([set]).Node)).toEqual(['0.5', '0.5', '0.5', undefined]);
  expect(named(await ask({ tenant: await lab.tenant() }))).toEqual({});
  expect(named(await ask({ onlyCluster: '00000000-0000-4000-8000-000000000000' }))).toEqual({});
});

test('the keys of OpenCost name each asset by itself', async () => {
  const names = Object.keys(named(await ask({ keys: OPENCOST_ASSET_KEYS })));
  expect(names).toContain('AWS///Compute/east/Node/Kubernetes/aws:///eu-west-1a/i-0123/n1');
});

test('traffic, what stands outside, and the fee for a cluster are assets of their own', async () => {
  const other = await lab.tenant();
  const cluster = await lab.cluster(other, 'west');
  await lab.put({ tenant: other, cluster }, smallCluster(SMALL_START, 1));
  await lab.roll();
  const where = `WHERE tenant = {tenant:UUID}`;
  const settings = { mutations_sync: 2 };
  await lab.columnar.command({
    sql: `ALTER TABLE container_hours UPDATE network_internet_cost = 0.5, network_cross_zone_cost = 0.25, network_cost_adjustment = -0.1, external_cost = 2 ${where} AND pod = 'web'`,
    params: { tenant: other },
    settings,
  });
  await lab.columnar.command({
    sql: `ALTER TABLE cluster_hours UPDATE management_cost = 0.1 ${where}`,
    params: { tenant: other },
    settings,
  });
  const sets = await ask({ tenant: other });
  expect(named(sets)).toMatchObject({
    'west/Node/n1': '0.4',
    'west/Network/n1': '0.75',
    'west/Cloud/__external__': '2',
    'west/ClusterManagement/__management__': '0.1',
  });
  const network = sets[0]?.rows.find(({ properties }) => properties.type === 'Network');
  expect(network?.properties).toMatchObject({ category: 'Network', providerId: 'aws:///eu-west-1a/i-0123' });
  expect(formatMoney(network?.costs.adjustment ?? ZERO)).toBe('-0.1');
});
