import type { OpenCostAssetQuery } from '../../contracts/opencost-assets.ts';
import { OPENCOST_ASSET_KEYS, parseAssetAggregate, parseAssetFilter } from '../../core/assets/asset-keys.ts';
import { assetFilterOfV1Params } from '../../core/assets/asset-v1-params.ts';
import { parseHourlyWindow } from '../../core/windows/calendar-window.ts';
import { cutWindow } from '../../core/windows/sets.ts';
import type { AssetQuestion } from '../../queries/assets.ts';
import type { AssetPage } from '../assets/rows.ts';
import type { Principal } from '../dependencies.ts';
import { count, cutOf, type Dialect, flag, refusal } from './parameters.ts';

/** A question, and how its answer is to be shown. */
export interface OpenCostAssetAsk {
  readonly question: AssetQuestion;
  readonly page: AssetPage;
  /** Without what the source corrected later. */
  readonly disableAdjustments: boolean;
  /** A list of sets, though it may be one. */
  readonly isList: boolean;
}

interface AskContext {
  readonly principal: Principal;
  readonly dialect: Dialect;
  readonly now: number;
}

/** @throws AppError `invalid_request` for a value that cannot be read; OpenCost reads it as if it were not there. */
export function readOpenCostAssetQuery(
  query: OpenCostAssetQuery,
  { principal, dialect, now }: AskContext,
): OpenCostAssetAsk {
  const { window, aggregate = '', filter = '' } = query;
  if (window === undefined || window === '') throw refusal('window', 'is required, e.g. window=7d');
  const asked = parseHourlyWindow(window, { now });
  const cut = cutOf(query, dialect, asked.end - asked.start);
  return {
    question: {
      tenant: principal.tenantId,
      onlyCluster: principal.clusterId,
      sets: cutWindow(asked, cut),
      keys: parseAssetAggregate(aggregate, OPENCOST_ASSET_KEYS),
      filter: filter === '' ? assetFilterOfV1Params(query) : parseAssetFilter(filter),
    },
    page: {
      sort: 'cost',
      limit: count('limit', query.limit) ?? Number.POSITIVE_INFINITY,
      offset: count('offset', query.offset) ?? 0,
    },
    disableAdjustments: flag('disableAdjustments', query.disableAdjustments),
    isList: dialect === 'kubecost' || cut.kind !== 'whole',
  };
}
