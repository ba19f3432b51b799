import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/lib/clock.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { nodesAt } from '../../src/sim/snapshot.ts';
import { type KubeletDouble, startKubelet } from '../support/kubelet.ts';
import { listen } from '../support/listen.ts';
import { freeTestPort } from '../support/program.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { newTenant, openTenantLab, type TenantLab } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const fleet = createFleet({ preset: 'bench', containers: 30, seed: 2, start: Date.now() - DAY_MS });
const node = fleet.clusters[0]?.slots.flatMap((slot) => nodesAt(slot, Date.now()))[0]?.name ?? '';

/** How the way to the server is: open, shut, or such that the server takes a post and its sender never hears of it. */
type Way = 'open' | 'shut' | 'mute';

let folder = '';
let server: TestServer;
let kubelet: KubeletDouble;
let gate: Server;
let gatePort = 0;
let way: Way = 'open';
/** Bodies that the server acknowledged, by their instant; how often each; and how many were muted. */
const acknowledged = new Map<number, { body: object; times: number }>();
let muted = 0;
let passing = 0;
let collector: { child: ChildProcess; gone: Promise<unknown> } | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-outage-'));
  server = await startTestServer();
  kubelet = await startKubelet({ fleet, cluster: 'bench-1', node, now: () => Date.now() });
  gate = createServer((request, response) => {
    passing += 1;
    void pass(request, response).finally(() => {
      passing -= 1;
    });
  });
  gatePort = await listen(gate);
});
afterAll(async () => {
  await end('SIGKILL');
  gate.close();
  gate.closeAllConnections();
  await kubelet.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const wire = Buffer.concat(chunks);
  if (way === 'shut') return void response.destroy();
  const reply = await fetch(`${server.url}${request.url}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'x-api-key': String(request.headers['x-api-key']),
    },
    body: wire,
  });
  const text = await reply.text();
  if (reply.ok) {
    const body: { timestamp: string } = JSON.parse(gunzipSync(wire).toString());
    const at = Date.parse(body.timestamp);
    acknowledged.set(at, { body, times: (acknowledged.get(at)?.times ?? 0) + 1 });
  }
  if (way === 'mute') {
    muted += 1;
    return void response.destroy();
  }
  response.writeHead(reply.status).end(text);
}

async function begin(key: string, port: number): Promise<void> {
  const child = spawn(process.execPath, [MAIN, 'collect', '--data', folder], {
    env: {
      PATH: process.env['PATH'],
      PUSH_ENDPOINT: `http://127.0.0.1:${gatePort}/metrics`,
      SCRAPE_INTERVAL: '1',
      NODE_NAME: node,
      CLUSTER_NAME: 'bench-1',
      KUBETALLY_COLLECT_API_KEY: key,
      KUBETALLY_COLLECT_KUBELET_URL: kubelet.url,
      KUBETALLY_COLLECT_KUBELET_CA: kubelet.caFile,
      KUBETALLY_COLLECT_TOKEN_FILE: kubelet.tokenFile,
      KUBETALLY_COLLECT_API_SERVER_URL: kubelet.url,
      KUBETALLY_COLLECT_INSTANCE_METADATA: 'false',
      KUBETALLY_COLLECT_HOST: '127.0.0.1',
      KUBETALLY_COLLECT_PORT: String(port),
      KUBETALLY_LOG_LEVEL: 'error',
    },
    stdio: 'inherit',
  });
  collector = { child, gone: once(child, 'exit') };
  await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.ok, {
    timeoutMs: 30_000,
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!collector) return;
  collector.child.kill(signal);
  await collector.gone;
  collector = undefined;
}

const readingsMore = (count: number) => {
  const wanted = kubelet.readings.length + count;
  return waitFor(() => kubelet.readings.length >= wanted, { timeoutMs: 30_000, what: 'readings' });
};

test('law 3, from the node on: with the server away, answers lost and the collector killed, nothing is lost and nothing counts twice', async () => {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  const port = await freeTestPort();
  await begin(key, port);
  await waitFor(() => acknowledged.size >= 2, { timeoutMs: 20_000 });
  way = 'shut';
  await readingsMore(4);
  await end('SIGKILL');
  await begin(key, port);
  await readingsMore(2);
  way = 'mute';
  await waitFor(() => muted >= 2, { timeoutMs: 20_000 });
  way = 'open';
  const last = kubelet.readings.at(-1) ?? 0;
  await waitFor(() => acknowledged.has(last), { timeoutMs: 30_000, what: 'delivery of what was kept' });
  await end('SIGTERM');
  await waitFor(() => passing === 0, { what: 'the end of what is on its way' });

  // The reading that was under way when the collector was killed may not have come to its disk: nobody was told that it had.
  const lost = kubelet.readings.filter((at) => at <= last && !acknowledged.has(at));
  expect(lost.length).toBeLessThanOrEqual(1);
  expect(
    [...acknowledged.values()].some(({ times }) => times > 1),
    'something came twice',
  ).toBe(true);

  const kept = openTenantLab({ url: server.url, key });
  const fedOnce = await newTenant(server);
  await fedOnce.send([...acknowledged.values()].map(({ body }) => ({ route: '/metrics' as const, body })));
  await server.roll();
  const start = Math.floor(Date.now() / HOUR_MS - 1) * HOUR_MS;
  const window = { start, end: start + 3 * HOUR_MS };
  // Coverage is left out: the window reaches to now, which is later for whoever is asked second.
  const rowsOf = async (tenant: TenantLab) => {
    const { pods, namespaces } = await tenant.answers(window);
    return { pods: pods.metrics, namespaces: namespaces.costs };
  };
  const rows = await rowsOf(kept);
  expect(rows).toEqual(await rowsOf(fedOnce));
  expect(rows.pods.length).toBeGreaterThan(10);
}, 120_000);
