import type { AssetQuery } from '../../contracts/assets.ts';
import { parseAssetAggregate, parseAssetFilter } from '../../core/assets/asset-keys.ts';
import { currencyCode } from '../../core/currency.ts';
import { parseHourlyWindow } from '../../core/windows/calendar-window.ts';
import { cutWindow, parseAccumulate, parseStep, WHOLE } from '../../core/windows/sets.ts';
import { parseZone } from '../../core/windows/zone.ts';
import { AppError } from '../../lib/errors.ts';
import type { AssetQuestion } from '../../queries/assets.ts';
import type { Principal } from '../dependencies.ts';

/** A question in the words of the native API, at an instant. @throws AppError `invalid_request`, `window_too_large` */
export function assetQuestionOf(query: AssetQuery, { tenantId, clusterId }: Principal, now: number): AssetQuestion {
  return {
    tenant: tenantId,
    onlyCluster: clusterId,
    sets: setsOf(query, now),
    keys: parseAssetAggregate(query.aggregate),
    filter: parseAssetFilter(query.filter),
    currency: currencyCode(query.currency),
  };
}

function setsOf({ window, zone: zoneName, step, accumulate }: AssetQuery, now: number) {
  if (step !== undefined && accumulate !== undefined) {
    throw new AppError('invalid_request', 'give a step or accumulate, not both', { details: { field: 'step' } });
  }
  const zone = parseZone(zoneName);
  const calendar = accumulate === undefined ? undefined : parseAccumulate(accumulate);
  const cut = calendar ?? (step === undefined ? WHOLE : parseStep(step));
  return cutWindow(parseHourlyWindow(window, { now, zone }), cut, { zone });
}
