import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fleet } from '../../src/sim/fleet.ts';
import { type KubeletSummary, kubeletSummary } from '../../src/sim/kubelet-summary.ts';
import { makeCertificates } from './certificates.ts';
import { listen } from './listen.ts';

/** How the double behaves: as it should; without the summary, as some distributions; or in ways that no kubelet should. */
export type KubeletMood = 'well' | 'no-summary' | 'html' | 'half' | 'hangs' | 'failing' | 'redirecting';

/** A kubelet over TLS, whose node is one of the simulated fleet's; also the API server, as far as that node goes. */
export interface KubeletDouble {
  readonly url: string;
  /** PEM file of who signed its certificate. */
  readonly caFile: string;
  /** The service account's token, as a pod has it. */
  readonly tokenFile: string;
  mood: KubeletMood;
  /** Only this token is taken from now on; what the file holds is another matter. */
  token: string;
  /** Instants of the readings that it gave, in order. */
  readonly readings: readonly number[];
  writeToken(token: string): Promise<void>;
  close(): Promise<void>;
}

export interface KubeletDoubleOptions {
  readonly fleet: Fleet;
  readonly cluster: string;
  readonly node: string;
  readonly now: () => number;
}

export async function startKubelet(options: KubeletDoubleOptions): Promise<KubeletDouble> {
  const folder = await mkdtemp(join(tmpdir(), 'kubetally-kubelet-'));
  const { ca, cert, key } = makeCertificates(folder);
  const [caFile, tokenFile] = [join(folder, 'trusted.crt'), join(folder, 'token')];
  await writeFile(caFile, ca);
  await writeFile(tokenFile, 'first-token\n');
  const state: { mood: KubeletMood; token: string; readings: number[] } = {
    mood: 'well',
    token: 'first-token',
    readings: [],
  };
  const server = createServer({ cert, key }, (request, response) => {
    answer(request, response, { ...options, ...state });
  });
  const port = await listen(server);
  return Object.assign(state, {
    url: `https://127.0.0.1:${port}`,
    caFile,
    tokenFile,
    writeToken: (token: string) => writeFile(tokenFile, token),
    async close() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

interface Asked extends KubeletDoubleOptions {
  readonly readings: number[];
  readonly mood: KubeletMood;
  readonly token: string;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { mood, token, readings, ...options }: Asked,
): void {
  const end = (status: number, body: string, headers = {}) => response.writeHead(status, headers).end(body);
  if (request.headers.authorization !== `Bearer ${token}`) return void end(401, 'Unauthorized');
  if (request.url === `/api/v1/nodes/${options.node}`) return void end(200, JSON.stringify(nodeObjectOf(options)));
  const at = options.now();
  const summary = kubeletSummary(options.fleet, { ...options, at });
  if (mood === 'hangs') return;
  if (mood === 'failing' || !summary) return void end(500, 'no');
  if (mood === 'redirecting') return void end(302, '', { location: 'https://example.com/' });
  if (mood === 'html') return void end(200, '<html>It works!</html>');
  if (request.url === '/metrics/resource') return void end(200, resourceMetrics(summary));
  if (request.url !== '/stats/summary' || mood === 'no-summary') return void end(404, 'not found');
  const text = JSON.stringify(summary);
  readings.push(at);
  end(200, mood === 'half' ? text.slice(0, text.length / 2) : text);
}

function nodeObjectOf({ fleet, cluster, node, now }: KubeletDoubleOptions) {
  const run = fleet.clusters
    .find(({ name }) => name === cluster)
    ?.slots.flatMap(({ nodes }) => nodes.within(now(), now() + 1))
    .find(({ name }) => name === node);
  if (!run) throw new Error(`the fleet has no node ${node}`);
  const { instance } = run.slot.pool;
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      uid: `uid-${node}`,
      name: node,
      labels: { ...run.labels, 'node.kubernetes.io/instance-type': instance.name },
    },
    spec: { providerID: run.providerId },
    status: { capacity: { cpu: `${instance.cpuNanocores / 1e6}m`, memory: `${instance.memoryBytes / 1_024}Ki` } },
  };
}

/** The same numbers as the kubelet's other endpoint tells them. */
function resourceMetrics({ node, pods }: KubeletSummary): string {
  const lines = [
    '# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time',
    '# TYPE node_cpu_usage_seconds_total counter',
  ];
  const at = Date.parse(node.cpu.time);
  lines.push(`node_cpu_usage_seconds_total ${node.cpu.usageCoreNanoSeconds / 1e9} ${at}`);
  for (const { podRef, cpu, memory, containers } of pods) {
    const pod = `namespace="${podRef.namespace}",pod="${podRef.name}"`;
    lines.push(`pod_cpu_usage_seconds_total{${pod}} ${cpu.usageCoreNanoSeconds / 1e9} ${at}`);
    lines.push(`pod_memory_working_set_bytes{${pod}} ${memory.workingSetBytes} ${at}`);
    for (const container of containers) {
      const labels = `{container="${container.name}",${pod}}`;
      lines.push(`container_cpu_usage_seconds_total${labels} ${container.cpu.usageCoreNanoSeconds / 1e9} ${at}`);
      lines.push(`container_memory_working_set_bytes${labels} ${container.memory.workingSetBytes} ${at}`);
      lines.push(`container_start_time_seconds${labels} ${Date.parse(container.startTime) / 1_000}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
