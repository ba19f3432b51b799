import {
  type AllocationExplainQuery,
  type AllocationExplanation,
  EXPLAIN_DAYS_MAX,
} from '../../contracts/allocation-explain.ts';
import { DEFAULT_ALIASES } from '../../core/allocation-properties.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { andOf, compare, type Filter } from '../../core/filter/tree.ts';
import { parseHourlyWindow } from '../../core/windows/calendar-window.ts';
import { parseZone } from '../../core/windows/zone.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { explanationReply } from './explanation.ts';

const KEYS = ['cluster', 'node', 'namespace', 'controllerKind', 'controller', 'pod', 'container'] as const;

/** What a caller wants explained, explained: for the route, and for whoever asks in another way. */
export function createExplanationAsk({ explanations, clock }: Pick<ServerDeps, 'explanations' | 'clock'>) {
  return async (
    query: AllocationExplainQuery,
    { tenantId, clusterId }: Principal,
    signal: AbortSignal,
  ): Promise<AllocationExplanation> => {
    const window = windowOf(query, clock.now());
    const { limit, offset } = query;
    const ask = { tenant: tenantId, onlyCluster: clusterId, window, filter: filterOf(query), limit, offset };
    const found = await explanations.explain({ ...ask, samplesMax: query.samples }, signal);
    return explanationReply(found, { window, limit, offset });
  };
}

function windowOf({ window: text, zone }: AllocationExplainQuery, now: number) {
  const window = parseHourlyWindow(text, { now, zone: parseZone(zone) });
  if (window.end - window.start > EXPLAIN_DAYS_MAX * DAY_MS) {
    const days = Math.ceil((window.end - window.start) / DAY_MS);
    const message = `cannot explain a window of ${days} days; at most ${EXPLAIN_DAYS_MAX}`;
    throw new AppError('window_too_large', message, { details: { field: 'window', days_max: EXPLAIN_DAYS_MAX } });
  }
  return window;
}

/** The keys that are given, and the filter beside them. */
function filterOf(query: AllocationExplainQuery): Filter {
  const keys = KEYS.flatMap((property) => {
    const value = query[property];
    if (value === undefined) return [];
    const asked = property === 'controllerKind' ? value.toLowerCase() : value;
    return [compare({ target: { kind: 'text', property }, comparator: 'equals', values: [asked] }, DEFAULT_ALIASES)];
  });
  return andOf([parseFilter(query.filter), ...keys]);
}
