import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAgent } from '../../src/collector/agent.ts';
import type { RunningService } from '../../src/collector/service.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { listClusters } from '../../src/contracts/clusters.ts';
import { podUtilization } from '../../src/contracts/cost-routes.ts';
import { CollectorHealth } from '../../src/contracts/health.ts';
import { HOUR_MS, hourStart, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { type KubernetesApiDouble, startKubernetesApi } from '../support/kubernetes-api.ts';
import { nodeObject, podObject } from '../support/kubernetes-objects.ts';
import { listen } from '../support/listen.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTenantLab, queryOf } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
let server: TestServer;
let kubernetes: KubernetesApiDouble;
let running: RunningService | undefined;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-agent-'));
  kubernetes = await startKubernetesApi();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await kubernetes.close();
  await rm(folder, { recursive: true, force: true });
});

async function agent(apiKey: string, more: ConfigInput['agent'] = {}): Promise<RunningService> {
  const { agent: settings } = parseConfig({
    agent: {
      serverUrl: `${server.url}/v1/ingest`,
      apiKey,
      clusterName: 'blue',
      kubeconfig: kubernetes.kubeconfig,
      host: '127.0.0.1',
      port: 0,
      ...more,
    },
  });
  const surroundings = { clock: systemClock, log: createLogger({ level: 'silent' }) };
  running = await startAgent({ settings, dataDir: folder, debugKubernetesApi: false }, surroundings);
  return running;
}

const postOf = (pod: string, at = Date.now()) => ({
  timestamp: new Date(at).toISOString(),
  node_name: 'n1',
  hostname: 'n1',
  pods: [{ pod_id: `uid-${pod}`, namespace: 'shop', name: pod, cpu_usage_cores: 0.25, memory_usage_bytes: 1_000_000 }],
});

async function post(
  { url }: RunningService,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<[number, unknown]> {
  const reply = await fetch(`${url}/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return [reply.status, await reply.json()];
}

const metric = async ({ url }: RunningService, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
};

async function healthOf({ url }: RunningService): Promise<{ status: number; body: CollectorHealth }> {
  const reply = await fetch(`${url}/health`);
  return { status: reply.status, body: CollectorHealth.strict().parse(await reply.json()) };
}

test('collectors’ posts and what the watches see come to the server, under the name of the cluster', async () => {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  kubernetes.put('nodes', nodeObject('n1'));
  const startedAt = Date.now() - 60_000;
  kubernetes.put(
    'pods',
    podObject({ uid: 'uid-web-1', name: 'web-1', containers: [{ cpu: '100m', state: { running: startedAt } }] }),
  );
  const service = await agent(key);
  expect(await post(service, JSON.stringify(postOf('web-1')))).toEqual([200, { status: 'ok' }]);
  const gzipped = gzipSync(JSON.stringify({ ...postOf('web-2'), cluster_name: 'blue' }));
  expect(await post(service, gzipped, { 'content-encoding': 'gzip' })).toEqual([200, { status: 'ok' }]);
  await waitFor(async () => (await healthOf(service)).body.all_watchers_ready, {
    timeoutMs: 20_000,
    what: 'the watches',
  });
  await waitFor(async () => (await metric(service, 'kubetally_agent_watch_batches_total')) > 0, { timeoutMs: 20_000 });
  await waitFor(async () => (await metric(service, 'kubetally_spool_records')) === 0);
  expect(await metric(service, 'kubetally_spool_refused_total')).toBe(0);
  expect(await metric(service, 'kubetally_spool_rejected_rows_total')).toBe(0);

  await server.roll();
  const { client } = openTenantLab({ url: server.url, key });
  const start = hourStart(Date.now()) - HOUR_MS;
  const { metrics } = await client.call(podUtilization, { query: queryOf({ start, end: start + 3 * HOUR_MS }) });
  expect(metrics.map(({ pod_name }) => pod_name).toSorted()).toEqual(['web-1', 'web-2']);
  const { clusters } = await client.call(listClusters, {});
  expect(clusters.map(({ cluster_name }) => cluster_name)).toEqual(['blue']);
}, 60_000);

test('health is as collectors ask for it: well while posts can be taken, whatever the watches do', async () => {
  kubernetes.fail('*', 503, 1_000);
  const service = await agent('some:key');
  expect(await healthOf(service)).toEqual({
    status: 200,
    body: {
      status: 'healthy',
      debug_k8s_api: false,
      watchers_initialized: { nodes: false, pods: false, pvcs: false, pvs: false },
      all_watchers_ready: false,
    },
  });
  kubernetes.heal();
});

test('what the server would refuse is refused at once; one bad row does not cost the others', async () => {
  const service = await agent('some:key', { watchKubernetes: false });
  const f = async (body: string | Uint8Array<ArrayBuffer>, status: number, error: string, headers = {}) =>
    expect(await post(service, body, headers)).toEqual([status, expect.objectContaining({ error })]);
  await f('{', 400, 'invalid_payload');
  await f('[]', 400, 'invalid_payload');
  await f(JSON.stringify({ ...postOf('a'), timestamp: 'soon' }), 400, 'invalid_payload');
  const beside = (member: string) => `{${member},${JSON.stringify(postOf('a')).slice(1)}`;
  await f(beside(`"x":${'['.repeat(100)}${']'.repeat(100)}`), 400, 'invalid_payload');
  await f(beside('"__proto__":{"a":1}'), 400, 'invalid_payload');
  await f(Buffer.from([0x22, 0xff, 0x22]), 400, 'invalid_payload');
  await f(JSON.stringify(postOf('a', Date.now() - 20 * 24 * HOUR_MS)), 400, 'timestamp_out_of_range');
  await f('not gzip', 400, 'invalid_payload', { 'content-encoding': 'gzip' });
  await f('x', 415, 'unsupported_media_type', { 'content-encoding': 'br' });
  await f(gzipSync(Buffer.alloc(70 * 2 ** 20)), 413, 'body_too_large', { 'content-encoding': 'gzip' });
  await f(Buffer.alloc(17 * 2 ** 20), 413, 'body_too_large');
  const [good] = postOf('a').pods;
  expect(await post(service, JSON.stringify({ ...postOf('a'), pods: [good, { ...good, name: '' }] }))).toEqual([
    200,
    expect.objectContaining({ status: 'ok', accepted: 2, rejected_count: 1 }),
  ]);
  expect((await fetch(`${service.url}/metrics`, { method: 'DELETE' })).status).toBe(405);
  expect((await fetch(`${service.url}/else`)).status).toBe(404);
});

test('collectors show their key where one is set, in any of the ways that they send it', async () => {
  const service = await agent('some:key', { watchKubernetes: false, collectorKey: 'for collectors' });
  const body = JSON.stringify(postOf('a'));
  const statusWith = async (headers: Record<string, string>) => (await post(service, body, headers))[0];
  expect(await statusWith({})).toBe(401);
  expect(await statusWith({ 'x-api-key': 'for others' })).toBe(401);
  expect(await statusWith({ 'x-api-key': 'for collectors' })).toBe(200);
  expect(await statusWith({ authorization: 'Bearer for collectors' })).toBe(200);
});

test('what was acknowledged while the server was away is sent by the next agent', async () => {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  const options = { watchKubernetes: false };
  const first = await agent(key, { ...options, serverUrl: 'http://127.0.0.1:9' });
  const posts = await Promise.all(
    Array.from({ length: 50 }, (_, n) => post(first, JSON.stringify(postOf(`pod-${n}`)))),
  );
  expect(posts.filter(([status]) => status === 200)).toHaveLength(50);
  await first.close();
  const second = await agent(key, options);
  await waitFor(async () => (await metric(second, 'kubetally_spool_delivered_total')) === 50);
  await server.roll();
  const { client } = openTenantLab({ url: server.url, key });
  const start = hourStart(Date.now()) - HOUR_MS;
  const { metrics } = await client.call(podUtilization, { query: queryOf({ start, end: start + 3 * HOUR_MS }) });
  expect(metrics).toHaveLength(50);
});

test('what waited is sent many at a time, so that an hour of it is gone in minutes', async () => {
  const atOnce = 64;
  const held: ServerResponse[] = [];
  const slow = createServer((request, response) => {
    request.resume();
    held.push(response);
    if (held.length === atOnce) for (const one of held) one.end('{"status":"ok"}');
  });
  try {
    const serverUrl = `http://127.0.0.1:${await listen(slow)}`;
    const away = await agent('some:key', { watchKubernetes: false, serverUrl: 'http://127.0.0.1:9' });
    await Promise.all(Array.from({ length: atOnce }, (_, n) => post(away, JSON.stringify(postOf(`pod-${n}`)))));
    await away.close();
    const service = await agent('some:key', { watchKubernetes: false, serverUrl });
    await waitFor(async () => (await metric(service, 'kubetally_spool_delivered_total')) === atOnce);
  } finally {
    slow.close();
    slow.closeAllConnections();
  }
});

test('an agent without a server or a key does not start', async () => {
  const surroundings = { clock: systemClock, log: createLogger({ level: 'silent' }) };
  const { agent: settings } = parseConfig({ agent: { serverUrl: 'http://127.0.0.1:9' } });
  await expect(startAgent({ settings, dataDir: folder, debugKubernetesApi: false }, surroundings)).rejects.toThrow(
    /agent\.apiKey/,
  );
});
