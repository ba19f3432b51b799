/**
 * `kubetally agent`: one to a cluster. It takes the posts of the cluster's collectors, watches the cluster's own API, and
 * forwards both to a server that may be far and away for hours.
 *
 * A collector's post is acknowledged when it is on disk here. Posts and watches share one spool and one way to the server;
 * neither waits for the other, and posts are taken before the watches know anything.
 */
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Secret } from '../config/secret.ts';
import type { CollectorHealth } from '../contracts/health.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createMetrics, type Metrics } from '../lib/metrics.ts';
import type { AgentOptions } from './agent-options.ts';
import { type AgentPosts, createAgentPosts } from './agent-posts.ts';
import { type AgentWatch, startAgentWatch } from './agent-watch.ts';
import { type Courier, type Destination, startCourier } from './courier.ts';
import { createHttpClient } from './http-client.ts';
import type { RunningService, Surroundings } from './service.ts';
import { openSpool, type Spool } from './spool.ts';
import { spoolGauges } from './spool-gauges.ts';
import { type Reply, type SmallServer, startSmallServer } from './status-server.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';
import { together } from './together.ts';

const SPOOL_FOLDER = 'agent-spool';
const BATCH_BYTES_MAX = 2 * 2 ** 20;
const SEGMENT_BYTES = 4 * 2 ** 20;
const WAITING_BYTES_MAX = 64 * 2 ** 20;
const SERVER_MS_MAX = 60 * SECOND_MS;
const SERVER_BYTES_MAX = 2 ** 20;
const WATCHERS = ['nodes', 'pods', 'pvcs', 'pvs'] as const;

/** Throws `invalid_config` where the server or the key is not given, or no Kubernetes API is to be found. */
export async function startAgent(options: AgentOptions, surroundings: Surroundings): Promise<RunningService> {
  const { settings, dataDir } = options;
  const destination = destinationOf(settings);
  await using stack = new AsyncDisposableStack();
  const telemetry = createTelemetry();
  const metrics = createMetrics();
  const spool = await openSpool(join(dataDir, SPOOL_FOLDER), {
    bytesMax: settings.spoolBytesMax,
    segmentBytes: SEGMENT_BYTES,
    batchBytesMax: BATCH_BYTES_MAX,
    waitingBytesMax: WAITING_BYTES_MAX,
  });
  stack.defer(() => spool.close());
  const { inFlightMax } = settings;
  const limits = { timeoutMs: SERVER_MS_MAX, answerBytesMax: SERVER_BYTES_MAX, connectionsMax: inFlightMax };
  const client = stack.adopt(createHttpClient(limits), (it) => it.close());
  const courier = startCourier({
    spool,
    client,
    destination,
    telemetry,
    together,
    limits: { inFlightMax },
    ...surroundings,
  });
  stack.defer(() => courier.stop());
  const clusterName = settings.clusterName ?? null;
  const watch = settings.watchKubernetes
    ? await startAgentWatch({ ...options, clusterName, spool, telemetry, metrics }, surroundings)
    : null;
  stack.defer(() => watch?.stop());
  const posts = createAgentPosts({
    spool,
    telemetry,
    clusterName,
    collectorKey: settings.collectorKey ?? null,
    ...surroundings,
  });
  const server = await startServer({ posts, watch, courier, spool, telemetry, metrics }, options, surroundings);
  stack.defer(() => server.close());
  const opened = stack.move();
  const failed = watch?.failed ?? Promise.withResolvers<never>().promise;
  return { url: server.url, failed, close: () => opened.disposeAsync() };
}

/** The agents before this one were given the whole address of an ingest route. */
const ROUTE_AT_END = /\/(v1\/ingest|v1\/samples|metrics)?\/*$/;

function destinationOf({ serverUrl, apiKey }: Config['agent']): Destination {
  const missing = { serverUrl, apiKey };
  for (const [name, value] of Object.entries(missing)) {
    if (value === undefined) throw new AppError('invalid_config', `the agent needs the setting agent.${name}`);
  }
  const base = (serverUrl ?? '').replace(ROUTE_AT_END, '');
  const urls = { collector: new URL(`${base}/metrics`), samples: new URL(`${base}/v1/samples`) };
  return { urlOf: (kind) => urls[kind], headers: keyHeader(apiKey) };
}

function keyHeader(key: Pick<Secret, 'reveal'> | undefined): Record<string, string> {
  return key === undefined ? {} : { 'x-api-key': key.reveal() };
}

interface ServerParts {
  readonly posts: AgentPosts;
  readonly watch: AgentWatch | null;
  readonly courier: Courier;
  readonly spool: Spool;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
}

function startServer(parts: ServerParts, options: AgentOptions, { clock, log }: Surroundings): Promise<SmallServer> {
  const { posts, courier, spool, telemetry, metrics } = parts;
  const { host, port } = options.settings;
  return startSmallServer({
    host,
    port,
    onError: (error) => log.error({ error }, 'a request could not be answered'),
    async answer(request, path) {
      if (path === '/metrics' && request.method === 'POST') return await posts.answer(request);
      if (request.method !== 'GET') return path === '/metrics' || path === '/health' ? notAllowed() : null;
      if (path === '/livez') return { status: 200, body: { status: 'live' } };
      if (path === '/health' || path === '/readyz') return healthOf(parts, options);
      if (path !== '/metrics') return null;
      const body = (await metrics.text()) + telemetry.text(spoolGauges(spool, courier, clock));
      return { status: 200, body, contentType: metrics.contentType };
    },
  });
}

function notAllowed(): Reply {
  return { status: 405, body: { error: 'method_not_allowed' }, headers: { allow: 'GET, POST' } };
}

/** As collectors ask for it: healthy means that posts can be taken, whatever the watches do. */
function healthOf({ posts, watch }: ServerParts, { debugKubernetesApi }: AgentOptions): Reply {
  const ready = watch?.ready() ?? new Set<string>();
  const [nodes, pods, pvcs, pvs] = WATCHERS.map((kind) => ready.has(kind));
  const body: CollectorHealth = {
    status: posts.keeping ? 'healthy' : 'unhealthy',
    debug_k8s_api: debugKubernetesApi,
    watchers_initialized: { nodes: nodes === true, pods: pods === true, pvcs: pvcs === true, pvs: pvs === true },
    all_watchers_ready: WATCHERS.every((kind) => ready.has(kind)),
  };
  return { status: posts.keeping ? 200 : 503, body };
}
