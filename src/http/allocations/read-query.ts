import { z } from 'zod';
import type { AllocationQuery, AllocationQuestionQuery } from '../../contracts/allocations.ts';
import { V1_FILTERS, type V1Filters } from '../../contracts/question.ts';
import { parseAggregate } from '../../core/aggregate/aggregate-keys.ts';
import { currencyCode } from '../../core/currency.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import type { Filter } from '../../core/filter/tree.ts';
import { filterOfV1Params, type V1Params } from '../../core/filter/v1-params.ts';
import { parseHourlyWindow } from '../../core/windows/calendar-window.ts';
import { cutWindow, parseAccumulate, parseStep, WHOLE } from '../../core/windows/sets.ts';
import { parseZone } from '../../core/windows/zone.ts';
import { AppError } from '../../lib/errors.ts';
import { MONEY_DECIMALS, parseMoney } from '../../lib/money.ts';
import type { AllocationQuestion } from '../../queries/allocations.ts';
import type { Principal } from '../dependencies.ts';
import type { View } from './arrange.ts';
import { sharedRows } from './shared-rows.ts';

/** By the routes with filters of v1 too, by tools without. */
type AskedQuery = AllocationQuestionQuery & Partial<V1Filters>;

const CHART_STEP_DEFAULT = '1d';

/** A question in the words of the native API, at an instant. @throws AppError `invalid_request`, `window_too_large` */
export function questionOf(query: AskedQuery, { tenantId, clusterId }: Principal, now: number): AllocationQuestion {
  const { shareCost, shareSplit, shareIdle, idle, idleBy, splitIdle, management, currency } = query;
  if (shareIdle !== undefined && idle !== 'share') {
    throw refusal('shareIdle', `shareIdle=${shareIdle} says how idle is shared: ask for idle=share with it`);
  }
  return {
    tenant: tenantId,
    onlyCluster: clusterId,
    sets: setsOf(query, now),
    keys: parseAggregate(query.aggregate),
    filter: filterOf(query),
    idle,
    idleSplit: shareIdle ?? 'weighted',
    idleBy,
    splitIdle,
    management,
    currency: currencyCode(currency),
    share: { rows: sharedRows(query), monthly: parseMoney(shareCost.toFixed(MONEY_DECIMALS)), split: shareSplit },
  };
}

/** The question of a chart: by the day, unless another step or the calendar is asked for. */
export function timeseriesQuestionOf(query: AskedQuery, principal: Principal, now: number): AllocationQuestion {
  const step = query.step ?? (query.accumulate === undefined ? CHART_STEP_DEFAULT : undefined);
  return questionOf({ ...query, step }, principal, now);
}

/** In the language of v2, or by parameters of v1: both at once could only be a mistake. */
function filterOf({ filter, ...query }: AskedQuery): Filter {
  const v1: V1Params = z.object(V1_FILTERS).parse(query);
  const first = Object.keys(v1).find((name) => v1[name]);
  if (first === undefined) return parseFilter(filter);
  if (filter === '') return filterOfV1Params(v1);
  throw refusal(first, `give filter, or parameters of v1 such as ${first}, not both`);
}

function setsOf({ window, zone: zoneName, step, accumulate }: AllocationQuestionQuery, now: number) {
  if (step !== undefined && accumulate !== undefined) throw refusal('step', 'give a step or accumulate, not both');
  const zone = parseZone(zoneName);
  const cut = accumulate === undefined ? undefined : parseAccumulate(accumulate);
  return cutWindow(parseHourlyWindow(window, { now, zone }), cut ?? (step === undefined ? WHOLE : parseStep(step)), {
    zone,
  });
}

/** How the rows of an answer are shown. @throws AppError `invalid_request` for a page of `top` */
export function viewOf({ sort, limit, offset, top, costMetric: metric }: AllocationQuery, now: number): View {
  if (top !== undefined && offset > 0) {
    throw refusal('offset', 'top keeps the same rows in every set, on one page: leave out offset');
  }
  if (top !== undefined && limit < top) {
    throw refusal('limit', `a limit of ${limit} would cut off some of the top ${top}: give one of them`);
  }
  return { sort, limit, offset, top, metric, now };
}

function refusal(field: string, message: string): AppError {
  return new AppError('invalid_request', message, { details: { field } });
}
