import type { ClusterCosts, NamespaceCosts, Trends } from '../../../src/contracts/costs.ts';
import type { Interval, TimeWindow } from '../lib/time-window.ts';
import type { ApiClient, Params } from './api-client.ts';

export interface CostScope {
  readonly window: TimeWindow;
  /** Only this cluster, by name. */
  readonly cluster?: string | undefined;
}

/** As the server's own limit (`LIMIT_MAX`). */
const PAGE_MAX = 1_000;
/** The most namespaces the page holds; beyond, the table says that it is cut. */
const NAMESPACES_MAX = 5_000;

/** Costs of all namespaces of the window, page after page, up to NAMESPACES_MAX. */
export async function fetchNamespaceCosts(
  api: ApiClient,
  scope: CostScope,
  signal?: AbortSignal,
): Promise<NamespaceCosts> {
  const page = (offset: number) =>
    api.get<NamespaceCosts>('/v1/costs/namespaces', { ...paramsOf(scope), limit: PAGE_MAX, offset }, signal);
  const first = await page(0);
  const costs = [...first.costs];
  while (costs.length < Math.min(first.pagination.total, NAMESPACES_MAX)) {
    const next = await page(costs.length);
    if (next.costs.length === 0) break;
    costs.push(...next.costs);
  }
  return { ...first, costs };
}

/** The clusters that cost something in the window. */
export function fetchClusterCosts(api: ApiClient, window: TimeWindow, signal?: AbortSignal): Promise<ClusterCosts> {
  return api.get('/v1/costs/clusters', { ...paramsOf({ window }), limit: PAGE_MAX }, signal);
}

export function fetchTrends(
  api: ApiClient,
  { scope, interval }: { scope: CostScope; interval: Interval },
  signal?: AbortSignal,
): Promise<Trends> {
  return api.get('/v1/costs/trends', { ...paramsOf(scope), interval }, signal);
}

function paramsOf({ window, cluster }: CostScope): Params {
  return { start_time: new Date(window.start).toISOString(), end_time: new Date(window.end).toISOString(), cluster };
}
