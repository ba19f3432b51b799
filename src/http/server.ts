import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ServerDeps } from './dependencies.ts';
import { registerAuth } from './plugins/auth.ts';
import { registerBody } from './plugins/body.ts';
import { registerBrowser } from './plugins/browser.ts';
import { answerClientError, HEADER_BYTES_MAX } from './plugins/client-errors.ts';
import { registerErrors, sendProblem } from './plugins/errors.ts';
import { registerObserve } from './plugins/observe.ts';
import { registerStopping } from './plugins/stopping.ts';
import { registerWeb } from './plugins/web.ts';
import { createRouteAdder } from './route.ts';
import { addAllocationExplainRoutes } from './routes/allocation-explain.ts';
import { addAllocationRoutes } from './routes/allocations.ts';
import { addAssetRoutes } from './routes/assets.ts';
import { addClusterRoutes } from './routes/clusters.ts';
import { addCostRoutes } from './routes/costs.ts';
import { addCurrencyRoutes } from './routes/currencies.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addIngestRoutes } from './routes/ingest.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addMcpRoute } from './routes/mcp.ts';
import { addNodeMetricsRoutes } from './routes/node-metrics.ts';
import { addNodeReportRoutes } from './routes/node-report.ts';
import { addOpenCostRoutes } from './routes/opencost.ts';
import { addOpenCostAssetRoutes } from './routes/opencost-assets.ts';
import { addPriceRoutes } from './routes/prices.ts';
import { addRecommendationRoutes } from './routes/recommendations.ts';
import { registerRemoteWrite } from './routes/remote-write.ts';
import { addSelfRoutes } from './routes/self.ts';
import { addSourceRoutes } from './routes/sources.ts';
import { addTenantRoutes } from './routes/tenants.ts';
import { registerUploads } from './routes/uploads.ts';

/** How often it is looked for requests that are late: so much longer than `requestTimeoutMs` may one take. */
const LATE_CHECK_MS = 1_000;

/**
 * The HTTP server, ready for `listen` or `inject`. `close` stops taking connections, answers what is under way, and
 * returns; the stores are the caller's to close afterwards.
 */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const { http } = deps.settings;
  const app = createFastify(deps);
  const isStopping = registerStopping(app);
  registerErrors(app);
  registerObserve(app, deps.metrics);
  await registerBrowser(app, http);
  registerBody(app, { decompressedBytesMax: http.bodyDecompressedBytesMax });
  registerAuth(app, deps);

  const add = createRouteAdder(app, http);
  addIngestRoutes(add, deps);
  await registerUploads(app, deps);
  await registerRemoteWrite(app, deps);
  addCostRoutes(add, deps);
  addAllocationRoutes(add, deps);
  addAllocationExplainRoutes(add, deps);
  addOpenCostRoutes(add, deps);
  addAssetRoutes(add, deps);
  addOpenCostAssetRoutes(add, deps);
  addRecommendationRoutes(add, deps);
  addNodeMetricsRoutes(add, deps);
  addNodeReportRoutes(add, deps);
  addSourceRoutes(add, deps);
  addClusterRoutes(add, deps);
  addPriceRoutes(add, deps);
  addCurrencyRoutes(add, deps);
  addTenantRoutes(add, deps);
  addKeyRoutes(add, deps);
  addMcpRoute(add, deps);
  addHealthRoutes(add, { ...deps, isStopping });
  addSelfRoutes(add, deps);
  await registerWeb(app, deps.webFolder);
  return app;
}

function createFastify({ settings: { http }, log }: ServerDeps): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = log;
  return Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: http.bodyBytesMax,
    requestTimeout: http.requestTimeoutMs,
    trustProxy: http.trustProxy,
    genReqId: () => crypto.randomUUID(),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: answerClientError,
    http: { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: LATE_CHECK_MS },
    routerOptions: { maxParamLength: HEADER_BYTES_MAX }, // contracts bound their parameters, and say so
  });
}
