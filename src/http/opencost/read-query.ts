import type { OpenCostQuery } from '../../contracts/opencost.ts';
import { parseAggregate } from '../../core/aggregate/aggregate-keys.ts';
import { COST_METRICS, type CostMetric } from '../../core/cost-metric.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { orOf } from '../../core/filter/tree.ts';
import { filterOfV1Params } from '../../core/filter/v1-params.ts';
import { parseHourlyWindow } from '../../core/windows/calendar-window.ts';
import { cutWindow } from '../../core/windows/sets.ts';
import { MONEY_DECIMALS, type Money, parseMoney } from '../../lib/money.ts';
import type { AllocationQuestion } from '../../queries/allocations.ts';
import { sharedParts } from '../allocations/shared-rows.ts';
import type { Principal } from '../dependencies.ts';
import { count, cutOf, type Dialect, flag, refusal, word } from './parameters.ts';

const FORMATS = ['json', 'csv'] as const;

/** A question, and how its answer is to be shown. */
export interface OpenCostAsk {
  readonly question: AllocationQuestion;
  readonly metric: CostMetric;
  readonly format: (typeof FORMATS)[number];
  readonly now: number;
  /** Rows of each set, dearest first; all of them when not given. */
  readonly limit: number;
  readonly offset: number;
}

interface AskContext {
  readonly principal: Principal;
  readonly dialect: Dialect;
  readonly now: number;
}

const MONTHLY_DOLLARS_MAX = 1_000_000_000;

/** @throws AppError `invalid_request` for a value that cannot be read; OpenCost reads it as if it were not there. */
export function readOpenCostQuery(query: OpenCostQuery, { principal, dialect, now }: AskContext): OpenCostAsk {
  const { window, aggregate = '', filter = '', shareNamespaces = '', shareLabels = '' } = query;
  if (window === undefined || window === '') throw refusal('window', 'is required, e.g. window=7d');
  const idleDefault = dialect === 'kubecost' ? 'true' : 'false';
  const isShown =
    query.includeIdle === undefined ? flag('idle', query.idle ?? idleDefault) : flag('includeIdle', query.includeIdle);
  const idleSplit = query.shareIdle === 'even' ? 'even' : 'weighted';
  const isShared = ['weighted', 'even'].includes(query.shareIdle ?? '') || flag('shareIdle', query.shareIdle);
  const asked = parseHourlyWindow(window, { now });
  const breakdown = query.includeSharedCostBreakdown ?? (dialect === 'kubecost' ? 'true' : 'false');
  const shared = sharedParts({ shareNamespaces, shareLabels });
  return {
    question: {
      tenant: principal.tenantId,
      onlyCluster: principal.clusterId,
      sets: cutWindow(asked, cutOf(query, dialect, asked.end - asked.start)),
      keys: parseAggregate(aggregate),
      filter: filter === '' ? filterOfV1Params(query) : parseFilter(filter),
      idle: isShared ? 'share' : isShown ? 'keep' : 'hide',
      idleSplit,
      idleBy: flag('idleByNode', query.idleByNode) ? 'node' : 'cluster',
      splitIdle: flag('splitIdle', query.splitIdle),
      share: {
        rows: shared.length === 0 ? null : orOf(shared.map((part) => part.filter)),
        ...(flag('includeSharedCostBreakdown', breakdown) ? { parts: shared } : {}),
        balancers: flag('sharelb', query.sharelb),
        monthly: monthlyOf(query.shareCost),
        split: word('shareSplit', query.shareSplit, ['weighted', 'even']),
      },
      management: flag('shareTenancyCosts', query.shareTenancyCosts) ? 'share' : 'hide',
      details: {
        common: true,
        namespaces: true,
        attachments: true,
        peaks: aggregate === '',
        metadata: flag('includeAggregatedMetadata', query.includeAggregatedMetadata),
        assets: flag('includeProportionalAssetResourceCosts', query.includeProportionalAssetResourceCosts),
      },
    },
    metric: word('costMetric', query.costMetric, COST_METRICS),
    format: word('format', query.format, FORMATS),
    now,
    limit: count('limit', query.limit) ?? Number.POSITIVE_INFINITY,
    offset: count('offset', query.offset) ?? 0,
  };
}

function monthlyOf(text = '0'): Money {
  const dollars = Number(text === '' ? '0' : text);
  if (!(dollars >= 0 && dollars <= MONTHLY_DOLLARS_MAX)) {
    throw refusal('shareCost', `must be an amount from 0 to ${MONTHLY_DOLLARS_MAX}, in dollars a month`);
  }
  return parseMoney(dollars.toFixed(MONEY_DECIMALS));
}
