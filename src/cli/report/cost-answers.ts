import type { Client } from '../../client/client.ts';
import { clusterCosts, costTrends, namespaceCosts, podUtilization } from '../../contracts/cost-routes.ts';
import type { ClusterCosts, NamespaceCosts, Trends, Utilization } from '../../contracts/costs.ts';
import type { CostQueries, CostScope } from '../../queries/cost-queries.ts';
import { allPages } from './pages.ts';

/** What a report asks about: a half-open window in milliseconds, UTC. */
export type CostAsk = Omit<CostScope, 'tenant'>;

/** The cost questions, wherever they are answered: by a server, or by the stores of this machine. */
export interface CostAnswers {
  /** At most `limit` rows, dearest first. */
  namespaces(ask: CostAsk, limit: number, signal?: AbortSignal): Promise<NamespaceCosts>;
  /** At most `limit` rows, dearest first. */
  clusters(ask: CostAsk, limit: number, signal?: AbortSignal): Promise<ClusterCosts>;
  /** At most `limit` pods, highest CPU share first. */
  utilization(ask: CostAsk, limit: number, signal?: AbortSignal): Promise<Utilization>;
  trends(ask: CostAsk, interval: Trends['interval'], signal?: AbortSignal): Promise<Trends>;
}

export function answersOfServer(client: Client): CostAnswers {
  return {
    namespaces: (ask, limit, signal) =>
      allPages(limit, {
        rowsOf: namespaceRows,
        get: (page) => client.call(namespaceCosts, { query: { ...wire(ask), ...page } }, signal),
      }),
    clusters: (ask, limit, signal) =>
      allPages(limit, {
        rowsOf: clusterRows,
        get: (page) => client.call(clusterCosts, { query: { ...wire(ask), ...page } }, signal),
      }),
    utilization: (ask, limit, signal) =>
      allPages(limit, {
        rowsOf: podRows,
        get: (page) => client.call(podUtilization, { query: { ...wire(ask), ...page } }, signal),
      }),
    trends: (ask, interval, signal) => client.call(costTrends, { query: { ...wire(ask), interval } }, signal),
  };
}

export function answersOfQueries(costs: CostQueries, tenant: string): CostAnswers {
  const scope = (ask: CostAsk): CostScope => ({ ...ask, tenant });
  return {
    namespaces: (ask, limit, signal) =>
      allPages(limit, { rowsOf: namespaceRows, get: (page) => costs.namespaces(scope(ask), page, signal) }),
    clusters: (ask, limit, signal) =>
      allPages(limit, { rowsOf: clusterRows, get: (page) => costs.clusters(scope(ask), page, signal) }),
    utilization: (ask, limit, signal) =>
      allPages(limit, { rowsOf: podRows, get: (page) => costs.utilization(scope(ask), page, signal) }),
    trends: (ask, interval, signal) => costs.trends(scope(ask), interval, signal),
  };
}

const namespaceRows = (answer: NamespaceCosts) => answer.costs;
const clusterRows = (answer: ClusterCosts) => answer.costs;
const podRows = (answer: Utilization) => answer.metrics;

function wire({ start, end, cluster, namespace }: CostAsk) {
  return { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString(), cluster, namespace };
}
