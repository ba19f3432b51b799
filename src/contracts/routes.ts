import { explainAllocations } from './allocation-explain.ts';
import { allocationTimeseries, summarizeAllocations } from './allocation-views.ts';
import { allocationsCsv, listAllocations } from './allocations.ts';
import { assetsCsv, listAssets } from './assets.ts';
import { listClusters } from './clusters.ts';
import { clusterCosts, costTrends, namespaceCosts, podUtilization } from './cost-routes.ts';
import { listCurrencies, listExchangeRates, putExchangeRates, removeExchangeRates } from './currencies.ts';
import { collectorHealth, liveness, readiness, serviceHealth } from './health.ts';
import { postAgentMetrics, postCollectorMetrics } from './ingest.ts';
import { createKey, listKeys, revokeKey, rotateKey } from './keys.ts';
import { mcpEndpoint } from './mcp.ts';
import { ndoeMetrics, nodeMetrics, podMetrics } from './node-metrics.ts';
import { nodeReport } from './node-report.ts';
import { OPENCOST_ALLOCATIONS, OPENCOST_HEALTH, OPENCOST_SUMMARIES } from './opencost.ts';
import { kubecostAssets, openCostAssets } from './opencost-assets.ts';
import { addPrice, getPrice, importPrices, listPriceBooks, listPrices } from './prices.ts';
import { listRecommendations } from './recommendations.ts';
import { postRemoteWrite } from './remote-write.ts';
import type { RouteContract } from './route.ts';
import { postSamples } from './samples.ts';
import { openApi, selfMetrics } from './self.ts';
import { listSources } from './sources.ts';
import { createTenant, listTenants } from './tenants.ts';
import { uploadReports, uploadReportsMisspelt, uploadStatus } from './uploads.ts';

/** Every route with a contract, in the order of the documentation. */
export const ROUTES: readonly RouteContract[] = [
  postAgentMetrics,
  postCollectorMetrics,
  postRemoteWrite,
  uploadReports,
  uploadReportsMisspelt,
  uploadStatus,
  postSamples,
  namespaceCosts,
  clusterCosts,
  podUtilization,
  costTrends,
  listAllocations,
  allocationsCsv,
  summarizeAllocations,
  allocationTimeseries,
  explainAllocations,
  ...OPENCOST_ALLOCATIONS,
  ...OPENCOST_SUMMARIES,
  listAssets,
  assetsCsv,
  openCostAssets,
  kubecostAssets,
  listRecommendations,
  nodeReport,
  nodeMetrics,
  ndoeMetrics,
  podMetrics,
  listSources,
  listClusters,
  listPrices,
  listPriceBooks,
  getPrice,
  addPrice,
  importPrices,
  putExchangeRates,
  listCurrencies,
  listExchangeRates,
  removeExchangeRates,
  createTenant,
  listTenants,
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  mcpEndpoint,
  serviceHealth,
  collectorHealth,
  liveness,
  readiness,
  ...OPENCOST_HEALTH,
  selfMetrics,
  openApi,
];
