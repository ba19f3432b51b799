import type { Asset, AssetAnswer } from '../../contracts/assets.ts';
import { csvCell } from '../../lib/csv.ts';

const PROPERTIES = ['type', 'category', 'provider', 'cluster', 'name', 'providerID'] as const;
const COSTS = ['cpu', 'ram', 'gpu', 'other', 'adjustment', 'total'] as const;

/** One line for each row of each set, with the costs as exact as they are. */
export function assetCsv({ aggregate, sets, currency }: AssetAnswer): string {
  const others = PROPERTIES.filter((property) => !aggregate.includes(property));
  const header = [
    'set_start',
    'set_end',
    ...aggregate,
    ...others,
    'assets',
    'minutes',
    'cpu_core_hours',
    'ram_byte_hours',
    'gpu_hours',
    'byte_hours',
    ...COSTS.map((cost) => (cost === 'adjustment' ? cost : `${cost}_cost`)),
    'currency',
  ];
  const lines = sets.flatMap(({ start, end, assets }) =>
    assets.map((asset) => [
      start,
      end,
      ...aggregate.map((key) => asset.keys[key] ?? ''),
      ...others.map((property) => asset.properties[property] ?? ''),
      asset.assets,
      asset.minutes,
      ...amountsOf(asset),
      ...COSTS.map((cost) => asset.cost[cost]),
      currency,
    ]),
  );
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function amountsOf({ node, disk }: Asset) {
  return [
    node?.cpu_core_hours ?? null,
    node?.ram_byte_hours ?? null,
    node?.gpu_hours ?? null,
    disk?.byte_hours ?? null,
  ];
}
