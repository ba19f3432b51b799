import { ASSET_CATEGORIES, ASSET_TYPES, type AssetType } from '../core/assets/asset-properties.ts';
import { mayPass } from '../core/assets/possible-types.ts';
import { ledgerHours } from '../core/coverage.ts';
import { POOL_LABELS } from '../core/pool-labels.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { ASSET_FILTER_COLUMNS, assetKeysSql, BARE_LABELS, PROVIDER_PARAMS } from './asset-columns.ts';
import type { AssetQuestion } from './assets.ts';
import { filterSql } from './filter-sql.ts';
import { byGrain, type Grains } from './grain.ts';
import { moneySums } from './money-sums.ts';
import { fillSql, readSql } from './statements.ts';

/** What tells of which types. */
const THINGS = {
  'asset-machines': ['Node', 'Network', 'Cloud'],
  'asset-volumes': ['Disk'],
  'asset-balancers': ['LoadBalancer'],
  'asset-management': ['ClusterManagement'],
} as const satisfies Record<string, readonly AssetType[]>;

/** Assets of a question, at most `rowsMax`, and its parameters beside those of the window, its clusters, grains and rates. */
export function assetStatement({ keys, filter, sets, currency }: AssetQuestion, grains: Grains, rowsMax: number) {
  const [values, asked] = [assetKeysSql(keys), filterSql(filter, ASSET_FILTER_COLUMNS)];
  const things = thingsOf(filter).map((name) => withLeaves(name, grains));
  const parts: Readonly<Record<string, string>> = {
    keys: values.sql,
    filter: asked.sql,
    bare_labels: BARE_LABELS,
    things: things.join('\nUNION ALL\n'),
  };
  const starts = sets.map(ledgerHours).filter(({ start, end }) => start < end);
  const sql = fillSql(readSql('assets'), parts);
  return {
    sql: moneySums(sql, { currency }, 'day'),
    params: {
      ...values.params,
      ...asked.params,
      ...PROVIDER_PARAMS,
      types: ASSET_TYPES,
      categories: ASSET_TYPES.map((type) => ASSET_CATEGORIES[type]),
      pool_labels: POOL_LABELS,
      set_starts: starts.length === 0 ? [0] : starts.map(({ start }) => start / SECOND_MS),
      rows_max: rowsMax,
    },
  };
}

/** A provider ID of each cluster. */
export function providerIdsStatement(grains: Grains): string {
  return withLeaves('asset-provider-ids', grains);
}

/** One of this folder's SQL files, with the leaves of a name where `{{leaves <name>}}` stands. */
function withLeaves(name: string, grains: Grains): string {
  return readSql(name).replaceAll(/\{\{leaves ([\w-]+)\}\}/g, (_, thing: string) =>
    byGrain(thing, grains).join('\nUNION ALL\n'),
  );
}

/** Those of which some asset may pass; where none can, the least of them, for an answer of the same shape. */
function thingsOf(filter: AssetQuestion['filter']): string[] {
  const all = Object.entries(THINGS).filter(([, types]) => types.some((type) => mayPass(filter, type)));
  return all.length === 0 ? ['asset-management'] : all.map(([name]) => name);
}
