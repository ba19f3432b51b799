import { expect, test } from 'vitest';
import { parseAssetAggregate } from '../../core/assets/asset-keys.ts';
import type { AssetProperty } from '../../core/assets/asset-properties.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { parseMoney, ZERO } from '../../lib/money.ts';
import type { AssetCosts, AssetRow } from '../../queries/assets.ts';
import { openCostAsset, openCostAssetName } from './asset-json.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const WINDOW = { start: START, end: START + 24 * HOUR_MS };
const NO_PROPERTIES: Record<AssetProperty, string> = {
  type: '',
  category: '',
  provider: '',
  account: '',
  project: '',
  cluster: '',
  service: '',
  providerId: '',
  name: '',
  namespace: '',
  zone: '',
  region: '',
  instanceType: '',
  pool: '',
  storageClass: '',
  claim: '',
  ip: '',
};
const NO_COSTS: AssetCosts = { cpu: ZERO, ram: ZERO, gpu: ZERO, other: ZERO, adjustment: ZERO };
const NO_AMOUNTS: AssetRow['amounts'] = {
  cpuCoreSeconds: 0,
  ramByteSeconds: 0,
  gpuSeconds: 0,
  cpuSystemCoreSeconds: 0,
  cpuUserCoreSeconds: 0,
  ramSystemByteSeconds: 0,
  ramUserByteSeconds: 0,
  coveredMs: 0,
  spotMs: 0,
  undiscounted: 0,
  byteSeconds: 0,
  mountedByteSeconds: 0,
};

interface Given {
  readonly properties?: Partial<Record<AssetProperty, string>>;
  readonly amounts?: Partial<AssetRow['amounts']>;
  readonly costs?: Partial<AssetCosts>;
}

/** Two hours of an asset. */
function row({ properties = {}, amounts = {}, costs = {} }: Given): AssetRow {
  return {
    values: [],
    assets: 1,
    properties: { ...NO_PROPERTIES, ...properties },
    labels: {},
    start: START,
    end: START + 2 * HOUR_MS,
    amounts: { ...NO_AMOUNTS, ...amounts },
    costs: { ...NO_COSTS, ...costs },
  };
}

const shown = (given: Given, disableAdjustments = false) =>
  openCostAsset(row(given), { window: WINDOW, disableAdjustments });

/** OpenCost's own total of a node. */
const totalOf = ({ cpuCost, ramCost, discount, gpuCost, adjustment }: ReturnType<typeof shown>) =>
  (Number(cpuCost) + Number(ramCost)) * (1 - Number(discount)) + Number(gpuCost) + Number(adjustment);

test('costs of a node stand before its discount, as OpenCost’s total takes them', () => {
  const node = shown({
    properties: { type: 'Node' },
    amounts: { gpuSeconds: 7_200, undiscounted: 1 },
    costs: { cpu: parseMoney('0.56'), ram: parseMoney('0.14'), gpu: parseMoney('1') },
  });
  expect(node).toMatchObject({
    discount: 0.3,
    cpuCost: 0.8,
    ramCost: 0.2,
    gpuCost: 1,
    gpuCount: 1,
    GPUHours: 2,
    totalCost: 1.7,
  });
  expect(totalOf(node)).toBeCloseTo(1.7, 9);
});

test('what a source corrected later stands beside the costs, and is left out where that is asked for', () => {
  const given = {
    properties: { type: 'Node' },
    amounts: { undiscounted: 0.9 },
    costs: { cpu: parseMoney('0.6'), ram: parseMoney('0.3'), adjustment: parseMoney('-0.1') },
  };
  const node = shown(given);
  expect(node).toMatchObject({ discount: 0, adjustment: -0.1, totalCost: 0.9 });
  expect(totalOf(node)).toBeCloseTo(0.9, 4);
  expect(shown(given, true)).toMatchObject({ adjustment: 0, totalCost: 1 });
});

test('what cannot be divided is 0, never no number', () => {
  const nothing = { ...row({ properties: { type: 'Node' } }), end: START };
  const node = openCostAsset(nothing, { window: WINDOW, disableAdjustments: false });
  expect(node).toMatchObject({ cpuCores: 0, ramBytes: 0, preemptible: 0, discount: 0, cpuBreakdown: { idle: 0 } });
  const free = shown({ properties: { type: 'Node' }, amounts: { undiscounted: 2 } });
  expect(free).toMatchObject({ discount: 1, cpuCost: 0, totalCost: 0 });
});

test('each type has the members that OpenCost gives it, in their order', () => {
  const f = (type: string, want: string) => {
    const names = Object.keys(shown({ properties: { type } }));
    const base = 'properties labels window start end minutes';
    expect(names.join(' '), type).toBe(type === '' ? `${base} ${want}` : `type ${base} ${want}`);
  };
  f('', 'adjustment totalCost');
  f('Network', 'adjustment totalCost');
  f('Cloud', 'adjustment totalCost');
  f('ClusterManagement', 'totalCost');
  f('LoadBalancer', 'adjustment totalCost private ip');
  f(
    'Disk',
    'byteHours bytes byteHoursUsed byteUsageMax breakdown adjustment totalCost storageClass volumeName claimName claimNamespace',
  );
  f(
    'Node',
    'nodeType cpuCores ramBytes cpuCoreHours ramByteHours GPUHours cpuBreakdown ramBreakdown preemptible discount cpuCost gpuCost gpuCount ramCost adjustment totalCost',
  );
});

test('a name has what is not known as __undefined__, labels behind their names and bare provider IDs', () => {
  const keys = parseAssetAggregate('provider,label:team,providerID,owner');
  const values = ['', 'web', 'aws:///a/i-1', 'me'];
  expect(openCostAssetName({ ...row({}), values }, keys)).toBe('__undefined__/team=web/i-1/me');
});
