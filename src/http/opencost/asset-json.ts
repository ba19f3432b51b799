import type { OpenCostAsset } from '../../contracts/opencost-assets.ts';
import type { AssetKey } from '../../core/assets/asset-keys.ts';
import { UNDEFINED } from '../../core/assets/asset-properties.ts';
import { bareProviderId } from '../../core/assets/providers.ts';
import type { Window } from '../../core/coverage.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { addMoney, type Money, moneyToNumber, subtractMoney } from '../../lib/money.ts';
import { type AssetRow, assetTotal } from '../../queries/assets.ts';
import { breakdown, discountOf } from '../assets/rows.ts';
import { instant } from './allocation-json.ts';
import { money, round } from './numbers.ts';

const HOUR_S = HOUR_MS / SECOND_MS;

export interface AssetContext {
  readonly window: Window;
  /** Without what the source corrected later. */
  readonly disableAdjustments: boolean;
}

/** The name of an asset there: values with slashes, those of a label behind its name, provider IDs without their place. */
export function openCostAssetName({ values }: AssetRow, keys: readonly AssetKey[]): string {
  const parts = values.map((value, index) => {
    const key = keys[index];
    if (value === '') return UNDEFINED;
    if (key?.kind === 'label') return `${key.label}=${value}`;
    return key?.kind === 'text' && key.property === 'providerId' ? bareProviderId(value) : value;
  });
  return parts.join('/');
}

/** One asset as OpenCost writes it: the members of its type in their order, and of several types those that all have. */
export function openCostAsset(row: AssetRow, context: AssetContext): OpenCostAsset {
  const { type } = row.properties;
  const base = {
    properties: propertiesOf(row),
    labels: { ...row.labels },
    window: { start: instant(context.window.start), end: instant(context.window.end) },
    start: instant(row.start),
    end: instant(row.end),
    minutes: round((row.end - row.start) / MINUTE_MS),
  };
  const adjustment = context.disableAdjustments ? 0 : money(row.costs.adjustment);
  const totalCost = money(
    context.disableAdjustments ? subtractMoney(assetTotal(row.costs), row.costs.adjustment) : assetTotal(row.costs),
  );
  switch (type) {
    case 'Node':
      return { type, ...base, ...nodeMembers(row), adjustment, totalCost };
    case 'Disk':
      return { type, ...base, ...diskSize(row), adjustment, totalCost, ...diskNames(row) };
    case 'LoadBalancer':
      return { type, ...base, adjustment, totalCost, private: false, ip: row.properties.ip };
    case 'ClusterManagement':
      return { type, ...base, totalCost };
    case '':
      return { ...base, adjustment, totalCost };
    default:
      return { type, ...base, adjustment, totalCost };
  }
}

function propertiesOf({ properties }: AssetRow): OpenCostAsset['properties'] {
  const { category, provider, account, project, service, cluster, name, providerId } = properties;
  const all = { category, provider, account, project, service, cluster, name, providerID: bareProviderId(providerId) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/**
 * Costs of CPU and RAM stand here before the discount and without what was corrected later, which is what OpenCost's total is
 * made of: (cpuCost + ramCost) × (1 − discount) + gpuCost + adjustment.
 */
function nodeMembers(row: AssetRow) {
  const { amounts, properties, costs } = row;
  const hours = (row.end - row.start) / HOUR_MS;
  const average = (seconds: number) => round(hours === 0 ? 0 : seconds / HOUR_S / hours);
  const whole = moneyToNumber(assetTotal(costs));
  const uncorrected = whole === 0 ? 1 : 1 - moneyToNumber(costs.adjustment) / whole;
  const paid = moneyToNumber(addMoney(costs.cpu, costs.ram));
  const discount = discountOf(paid, amounts.undiscounted);
  const listed = (amount: Money) => round((moneyToNumber(amount) * uncorrected) / (discount < 1 ? 1 - discount : 1));
  return {
    nodeType: properties.instanceType,
    ...(properties.pool === '' ? {} : { pool: properties.pool }),
    cpuCores: average(amounts.cpuCoreSeconds),
    ramBytes: average(amounts.ramByteSeconds),
    cpuCoreHours: round(amounts.cpuCoreSeconds / HOUR_S),
    ramByteHours: round(amounts.ramByteSeconds / HOUR_S),
    GPUHours: round(amounts.gpuSeconds / HOUR_S),
    cpuBreakdown: shares(amounts.cpuCoreSeconds, {
      system: amounts.cpuSystemCoreSeconds,
      user: amounts.cpuUserCoreSeconds,
    }),
    ramBreakdown: shares(amounts.ramByteSeconds, {
      system: amounts.ramSystemByteSeconds,
      user: amounts.ramUserByteSeconds,
    }),
    preemptible: round(amounts.coveredMs === 0 ? 0 : amounts.spotMs / amounts.coveredMs),
    discount: round(discount),
    cpuCost: listed(costs.cpu),
    gpuCost: round(moneyToNumber(costs.gpu) * uncorrected),
    gpuCount: average(amounts.gpuSeconds),
    ramCost: listed(costs.ram),
  };
}

function shares(offered: number, used: { system: number; user: number }) {
  const known = breakdown(offered, used) ?? { idle: 0, system: 0, user: 0 };
  return { idle: round(known.idle), other: 0, system: round(known.system), user: round(known.user) };
}

function diskSize(row: AssetRow) {
  const { byteSeconds, mountedByteSeconds } = row.amounts;
  const hours = (row.end - row.start) / HOUR_MS;
  const mounted = byteSeconds === 0 ? 0 : mountedByteSeconds / byteSeconds;
  return {
    byteHours: round(byteSeconds / HOUR_S),
    bytes: round(hours === 0 ? 0 : byteSeconds / HOUR_S / hours),
    byteHoursUsed: null,
    byteUsageMax: null,
    breakdown: { idle: round(1 - mounted), other: 0, system: 0, user: round(mounted) },
  };
}

function diskNames({ properties }: AssetRow) {
  return {
    storageClass: properties.storageClass,
    volumeName: properties.name,
    claimName: properties.claim,
    claimNamespace: properties.namespace,
  };
}
