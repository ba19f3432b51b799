import { UNDEFINED } from '../../core/assets/asset-properties.ts';
import { type AssetRow, assetTotal } from '../../queries/assets.ts';

/** The one row of everything, where it is cut by nothing: the word that asks for it. */
const EVERYTHING = 'all';

/** The name of a row: the values of its keys with slashes. */
export function assetName({ values }: Pick<AssetRow, 'values'>): string {
  return values.map((value) => value || UNDEFINED).join('/') || EVERYTHING;
}

export interface AssetPage {
  readonly sort: 'cost' | 'name';
  readonly limit: number;
  readonly offset: number;
}

/** A page of rows; those of equal cost by name, so that pages never overlap. */
export function assetPage(rows: readonly AssetRow[], { sort, limit, offset }: AssetPage): AssetRow[] {
  const known = rows.map((row) => ({ row, name: assetName(row), total: assetTotal(row.costs) }));
  return known
    .toSorted((a, b) => {
      if (sort === 'cost' && a.total !== b.total) return a.total < b.total ? 1 : -1;
      return a.name < b.name ? -1 : Number(a.name > b.name);
    })
    .slice(offset, offset + limit)
    .map(({ row }) => row);
}

/** What of a node's offer nobody used, what the system and what others used; `null` where its offer is not known. */
export function breakdown(offered: number, { system, user }: { system: number; user: number }) {
  if (offered <= 0) return null;
  const parts = { system: system / offered, user: user / offered };
  return { idle: Math.max(0, 1 - parts.system - parts.user), ...parts };
}

/** Off the price of CPU and RAM: 0.3 is 30 %. */
export function discountOf(paid: number, undiscounted: number): number {
  return undiscounted > 0 ? Math.min(1, Math.max(0, 1 - paid / undiscounted)) : 0;
}
