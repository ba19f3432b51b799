import { ClusterCosts, CostQuery, NamespaceCosts, Trends, TrendsQuery, Utilization } from './costs.ts';
import { defineRoute } from './route.ts';

export const namespaceCosts = defineRoute({
  method: 'GET',
  url: '/v1/costs/namespaces',
  summary: 'Costs by namespace, dearest first; the last 7 days when no window is given',
  scope: 'read',
  query: CostQuery.strict(),
  reply: NamespaceCosts,
});

export const clusterCosts = defineRoute({
  method: 'GET',
  url: '/v1/costs/clusters',
  summary: 'Costs by cluster, dearest first; the last 7 days when no window is given',
  scope: 'read',
  query: CostQuery.strict(),
  reply: ClusterCosts,
});

export const podUtilization = defineRoute({
  method: 'GET',
  url: '/v1/costs/utilization',
  summary: 'Usage of what pods request, highest CPU share first; the last 7 days when no window is given',
  scope: 'read',
  query: CostQuery.strict(),
  reply: Utilization,
});

export const costTrends = defineRoute({
  method: 'GET',
  url: '/v1/costs/trends',
  summary: 'Costs over time; the last 30 days when no window is given',
  scope: 'read',
  query: TrendsQuery.strict(),
  reply: Trends,
});
