import { clusterCosts, costTrends, namespaceCosts, podUtilization } from '../../contracts/cost-routes.ts';
import { WINDOW_DAYS_MAX } from '../../contracts/costs.ts';
import { currencyCode } from '../../core/currency.ts';
import { type Clock, DAY_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { CostScope, PageRequest } from '../../queries/cost-queries.ts';
import type { Clusters, Principal, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

const DAYS_DEFAULT = 7;
const TREND_DAYS_DEFAULT = 30;
/** Every instant of a ledger lies between these; what a caller meant beyond them is a mistake. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

interface AskedWindow {
  readonly start_time?: string | undefined;
  readonly end_time?: string | undefined;
}

interface Asked extends AskedWindow {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  readonly currency: string;
}

export function addCostRoutes(add: AddRoute, deps: Pick<ServerDeps, 'costs' | 'clusters' | 'clock'>): void {
  const { costs, clusters, clock } = deps;
  const scopeOf = async (principal: Principal, asked: Asked, days = DAYS_DEFAULT): Promise<CostScope> => ({
    tenant: principal.tenantId,
    ...windowOf(asked, days, clock),
    cluster: await visibleCluster(clusters, principal, asked.cluster),
    namespace: asked.namespace,
    currency: currencyCode(asked.currency),
  });

  add(namespaceCosts, async ({ query, request, signal }) =>
    costs.namespaces(await scopeOf(principalOf(request), query), pageOf(query), signal),
  );
  add(clusterCosts, async ({ query, request, signal }) =>
    costs.clusters(await scopeOf(principalOf(request), query), pageOf(query), signal),
  );
  add(podUtilization, async ({ query, request, signal }) =>
    costs.utilization(await scopeOf(principalOf(request), query), pageOf(query), signal),
  );
  add(costTrends, async ({ query, request, signal }) =>
    costs.trends(await scopeOf(principalOf(request), query, TREND_DAYS_DEFAULT), query.interval, signal),
  );
}

/** The page alone: the rest of what was asked is no part of an answer's pagination, nor of a statement's parameters. */
function pageOf({ limit, offset }: PageRequest): PageRequest {
  return { limit, offset };
}

/** Half-open, in milliseconds. Without an end it ends now; without a start it is `days` long. */
export function windowOf(asked: AskedWindow, days: number, clock: Clock): { start: number; end: number } {
  const end = instantOf('end_time', asked.end_time) ?? clock.now();
  const start = instantOf('start_time', asked.start_time) ?? end - days * DAY_MS;
  if (start >= end) {
    const message = `cannot ask for a window from ${iso(start)} to ${iso(end)}: start_time must be before end_time`;
    throw new AppError('invalid_request', message, { details: { field: 'start_time' } });
  }
  if (end - start > WINDOW_DAYS_MAX * DAY_MS) {
    const asking = Math.ceil((end - start) / DAY_MS);
    throw new AppError('window_too_large', `cannot ask for ${asking} days; at most ${WINDOW_DAYS_MAX}`, {
      details: { field: 'start_time', days_max: WINDOW_DAYS_MAX },
    });
  }
  return { start, end };
}

function instantOf(field: 'start_time' | 'end_time', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (at >= EARLIEST && at <= LATEST) return at;
  const message = `${field} must be an instant between ${iso(EARLIEST)} and ${iso(LATEST)}`;
  throw new AppError('invalid_request', message, { details: { field } });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** A key of one cluster sees that cluster alone. Throws `cluster_mismatch` where it asks for another. */
async function visibleCluster(
  clusters: Clusters,
  { tenantId, clusterId }: Principal,
  asked: string | undefined,
): Promise<string | undefined> {
  if (clusterId === null) return asked;
  const own = (await clusters.get(tenantId, clusterId))?.name;
  if (own !== undefined && (asked === undefined || asked === own)) return own;
  throw new AppError('cluster_mismatch', `this key is of cluster "${own}" and sees no other`, {
    details: { expected_cluster: own ?? null, received_cluster: asked ?? null },
  });
}
