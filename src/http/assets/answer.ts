import type { Asset, AssetAnswer, AssetQuery } from '../../contracts/assets.ts';
import { type AssetKey, assetKeyName } from '../../core/assets/asset-keys.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { addMoney, formatMoney, moneyToNumber, ZERO } from '../../lib/money.ts';
import { type AssetCosts, type AssetRow, type Assets, assetTotal } from '../../queries/assets.ts';
import { assetName, assetPage, breakdown, discountOf } from './rows.ts';

const HOUR_S = HOUR_MS / SECOND_MS;
const NO_COSTS: AssetCosts = { cpu: ZERO, ram: ZERO, gpu: ZERO, other: ZERO, adjustment: ZERO };
/** Amounts of a discount smaller than this come from its computation, and are none. */
const DISCOUNT_DIGITS = 9;

export interface AssetAnswerContext {
  readonly keys: readonly AssetKey[];
  readonly query: Pick<AssetQuery, 'sort' | 'limit' | 'offset'>;
}

/** Assets as the native API gives them: exact amounts as decimal text. */
export function assetAnswer({ sets, coverage, currency }: Assets, { keys, query }: AssetAnswerContext): AssetAnswer {
  const names = keys.map(assetKeyName);
  const totals = sets.map(({ rows }) => rows.map(({ costs }) => costs).reduce(addAssetCosts, NO_COSTS));
  return {
    start: iso(sets[0]?.window.start ?? 0),
    end: iso(sets.at(-1)?.window.end ?? 0),
    currency,
    aggregate: names,
    coverage,
    total: costReply(totals.reduce(addAssetCosts, NO_COSTS)),
    pagination: { limit: query.limit, offset: query.offset },
    sets: sets.map(({ window, rows }, index) => ({
      start: iso(window.start),
      end: iso(window.end),
      total: costReply(totals[index] ?? NO_COSTS),
      rows: rows.length,
      assets: assetPage(rows, query).map((row) => rowReply(row, names)),
    })),
  };
}

function addAssetCosts(a: AssetCosts, b: AssetCosts): AssetCosts {
  return {
    cpu: addMoney(a.cpu, b.cpu),
    ram: addMoney(a.ram, b.ram),
    gpu: addMoney(a.gpu, b.gpu),
    other: addMoney(a.other, b.other),
    adjustment: addMoney(a.adjustment, b.adjustment),
  };
}

function rowReply(row: AssetRow, names: readonly string[]): Asset {
  const { providerId, ...properties } = row.properties;
  const known = Object.entries({ ...properties, providerID: providerId }).filter(([, value]) => value !== '');
  return {
    name: assetName(row),
    keys: Object.fromEntries(names.map((name, index) => [name, row.values[index] ?? ''])),
    assets: row.assets,
    properties: Object.fromEntries(known),
    labels: row.labels,
    start: iso(row.start),
    end: iso(row.end),
    minutes: (row.end - row.start) / MINUTE_MS,
    node: row.properties.type === 'Node' ? nodeReply(row) : null,
    disk: row.properties.type === 'Disk' ? diskReply(row) : null,
    cost: costReply(row.costs),
  };
}

function nodeReply({ amounts, costs }: AssetRow): Asset['node'] {
  const discount = discountOf(moneyToNumber(addMoney(costs.cpu, costs.ram)), amounts.undiscounted);
  return {
    cpu_core_hours: amounts.cpuCoreSeconds / HOUR_S,
    ram_byte_hours: amounts.ramByteSeconds / HOUR_S,
    gpu_hours: amounts.gpuSeconds / HOUR_S,
    cpu: breakdown(amounts.cpuCoreSeconds, {
      system: amounts.cpuSystemCoreSeconds,
      user: amounts.cpuUserCoreSeconds,
    }),
    ram: breakdown(amounts.ramByteSeconds, {
      system: amounts.ramSystemByteSeconds,
      user: amounts.ramUserByteSeconds,
    }),
    spot: amounts.coveredMs === 0 ? 0 : amounts.spotMs / amounts.coveredMs,
    discount: Number(discount.toFixed(DISCOUNT_DIGITS)),
  };
}

function diskReply({ amounts }: AssetRow): Asset['disk'] {
  return { byte_hours: amounts.byteSeconds / HOUR_S, mounted_byte_hours: amounts.mountedByteSeconds / HOUR_S };
}

function costReply(costs: AssetCosts): Asset['cost'] {
  return {
    cpu: formatMoney(costs.cpu),
    ram: formatMoney(costs.ram),
    gpu: formatMoney(costs.gpu),
    other: formatMoney(costs.other),
    adjustment: formatMoney(costs.adjustment),
    total: formatMoney(assetTotal(costs)),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
