/**
 * `kubetally collect`: reads the kubelet of its node again and again, keeps each reading on disk, and posts it.
 *
 * Reading and posting do not wait for each other: while the server is away readings go on, and are delivered when it is
 * back. Only a kubelet that cannot be read, or a disk that cannot be written, ends the process after some tries.
 */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SECOND_MS } from '../lib/clock.ts';
import { type CollectOptions, Collector, type CollectSettings } from './collector.ts';
import { type Courier, type Destination, startCourier } from './courier.ts';
import { createHttpClient } from './http-client.ts';
import { METADATA_SERVICE } from './instance-metadata.ts';
import { createKubelet } from './kubelet.ts';
import type { RunningService, Surroundings } from './service.ts';
import { openSpool, type Spool } from './spool.ts';
import { spoolGauges } from './spool-gauges.ts';
import { type Reply, type SmallServer, startSmallServer } from './status-server.ts';
import { createTelemetry, METRICS_TYPE, type Telemetry } from './telemetry.ts';

const KUBELET_MS_MAX = 10 * SECOND_MS;
const KUBELET_BYTES_MAX = 32 * 2 ** 20;
const SERVER_MS_MAX = 30 * SECOND_MS;
const SERVER_BYTES_MAX = 2 ** 20;
const METADATA_MS_MAX = SECOND_MS;
const METADATA_BYTES_MAX = 4_096;
/** A collector that has read nothing for so many intervals is not well. */
const HEALTHY_INTERVALS = 4;
const SPOOL_FOLDER = 'collect-spool';

export async function startCollect(options: CollectOptions, surroundings: Surroundings): Promise<RunningService> {
  const { settings, dataDir } = options;
  await using stack = new AsyncDisposableStack();
  const ca = await trusted(settings.kubeletCa);
  const client = (limits: { timeoutMs: number; answerBytesMax: number; ca?: string; insecure?: boolean }) =>
    stack.adopt(createHttpClient({ connectionsMax: 4, ...limits }), (it) => it.close());
  const limits = { timeoutMs: KUBELET_MS_MAX, answerBytesMax: KUBELET_BYTES_MAX, ...ca };

  const telemetry = createTelemetry();
  const spool = await openSpool(join(dataDir, SPOOL_FOLDER), { bytesMax: settings.spoolBytesMax });
  stack.defer(() => spool.close());
  const collector = new Collector(
    {
      kubelet: createKubelet({
        client: client({ ...limits, insecure: settings.kubeletInsecure }),
        url: settings.kubeletUrl,
        tokenFile: settings.tokenFile,
        node: settings.nodeName ?? hostname(),
      }),
      apiServer: client(limits),
      metadata: client({ timeoutMs: METADATA_MS_MAX, answerBytesMax: METADATA_BYTES_MAX }),
      spool,
      telemetry,
    },
    { metadataService: METADATA_SERVICE, ...options },
    surroundings,
  );
  stack.defer(() => collector.stop());
  const courier = startCourier({
    spool,
    client: client({ timeoutMs: SERVER_MS_MAX, answerBytesMax: SERVER_BYTES_MAX }),
    destination: destinationOf(settings),
    telemetry,
    ...surroundings,
  });
  stack.defer(() => courier.stop());
  const server = await startStatus({ collector, courier, spool, telemetry }, options, surroundings);
  stack.defer(() => server.close());
  const opened = stack.move();
  return { url: server.url, failed: collector.failed, close: () => opened.disposeAsync() };
}

/** Without the file Node's own list is trusted. */
async function trusted(file: string): Promise<{ ca?: string }> {
  const ca = await readFile(file, 'utf8').catch(() => undefined);
  return ca === undefined ? {} : { ca };
}

function destinationOf({ endpoint, apiKey }: CollectSettings): Destination {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = '/metrics';
  return { urlOf: () => url, headers: apiKey === undefined ? {} : { 'x-api-key': apiKey } };
}

interface StatusParts {
  readonly collector: Collector;
  readonly courier: Courier;
  readonly spool: Spool;
  readonly telemetry: Telemetry;
}

function startStatus(
  parts: StatusParts,
  { settings }: CollectOptions,
  { clock, log }: Surroundings,
): Promise<SmallServer> {
  const { collector, courier, spool, telemetry } = parts;
  const startedAt = clock.now();
  const health = (): Reply => {
    const since = clock.now() - (collector.lastReadAt ?? startedAt);
    const well = since <= HEALTHY_INTERVALS * settings.intervalSeconds * SECOND_MS + KUBELET_MS_MAX;
    return {
      status: well ? 200 : 503,
      body: {
        status: well ? 'healthy' : 'unhealthy',
        last_read_at: isoOrNull(collector.lastReadAt),
        last_delivered_at: isoOrNull(courier.lastDeliveredAt),
        undelivered_records: spool.state.records,
        ...(courier.trouble === null ? {} : { server: courier.trouble }),
      },
    };
  };
  return startSmallServer({
    host: settings.host,
    port: settings.port,
    onError: (error) => log.error({ error }, 'a status request could not be answered'),
    answer: (_, path) => {
      if (path === '/healthz') return health();
      if (path !== '/metrics') return null;
      return { status: 200, body: telemetry.text(spoolGauges(spool, courier, clock)), contentType: METRICS_TYPE };
    },
  });
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
