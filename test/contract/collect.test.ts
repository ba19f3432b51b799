import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startCollect } from '../../src/collector/collect.ts';
import type { CollectSettings } from '../../src/collector/collector.ts';
import type { RunningService } from '../../src/collector/service.ts';
import { podUtilization } from '../../src/contracts/cost-routes.ts';
import { LIMIT_MAX } from '../../src/contracts/costs.ts';
import { DAY_MS, dayStart, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { createFleet, podsOn } from '../../src/sim/fleet.ts';
import { integrate } from '../../src/sim/integral.ts';
import { nodesAt } from '../../src/sim/snapshot.ts';
import { type KubeletDouble, startKubelet } from '../support/kubelet.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { openTenantLab, queryOf } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

/** A node that never was, read over TLS by the collector, posted to a server, and asked for in the words of its costs. */

const STEP_MS = 30 * SECOND_MS;
const HOUR = dayStart(Date.now()) - 2 * DAY_MS + 10 * HOUR_MS;
const FROM = HOUR - 10 * MINUTE_MS;
const fleet = createFleet({ preset: 'bench', containers: 40, seed: 4, start: HOUR - DAY_MS, alignMs: STEP_MS });
const [cluster] = fleet.clusters;
const slot = cluster?.slots[0];
const node = (slot ? nodesAt(slot, HOUR) : [])[0]?.name ?? '';

let folder = '';
let server: TestServer;
let kubelet: KubeletDouble;
let running: RunningService | undefined;
/** Each reading finds the next instant of the fleet. */
const clock = { now: () => FROM + kubelet.readings.length * STEP_MS };

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubetally-collect-'));
  kubelet = await startKubelet({ fleet, cluster: 'bench-1', node, now: () => clock.now() });
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await kubelet.close();
  await rm(folder, { recursive: true, force: true });
});

const settings = (apiKey: string, more: Partial<CollectSettings> = {}): CollectSettings => ({
  endpoint: `${server.url}/metrics`,
  apiKey,
  clusterName: 'bench-1',
  nodeName: node,
  intervalSeconds: 0.01,
  jitterPercent: 20,
  consecutiveFailuresMax: 5,
  kubeletUrl: kubelet.url,
  kubeletCa: kubelet.caFile,
  kubeletInsecure: false,
  tokenFile: kubelet.tokenFile,
  apiServerUrl: kubelet.url,
  nodeFacts: true,
  instanceMetadata: false,
  host: '127.0.0.1',
  port: 0,
  spoolBytesMax: 64 * 2 ** 20,
  ...more,
});

async function collect(apiKey: string, more: Partial<CollectSettings> = {}): Promise<RunningService> {
  const surroundings = { clock, log: createLogger({ level: 'silent' }) };
  running = await startCollect({ settings: settings(apiKey, more), dataDir: folder }, surroundings);
  return running;
}

const metric = async ({ url }: RunningService, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
};

test('an hour that is collected is the hour that was: usage of each pod, and the node that it ran on', async () => {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  const service = await collect(key);
  await waitFor(() => clock.now() > HOUR + HOUR_MS + STEP_MS, { timeoutMs: 40_000, what: 'the hour' });
  const wanted = kubelet.readings.length;
  await waitFor(async () => (await metric(service, 'kubetally_spool_delivered_total')) >= wanted, {
    timeoutMs: 20_000,
  });
  expect(await metric(service, 'kubetally_spool_refused_total')).toBe(0);
  expect(await metric(service, 'kubetally_spool_rejected_rows_total')).toBe(0);
  await service.close();
  running = undefined;
  await server.roll();

  const { client } = openTenantLab({ url: server.url, key });
  const window = { start: HOUR, end: HOUR + HOUR_MS };
  const { metrics, coverage } = await client.call(podUtilization, { query: { ...queryOf(window), limit: LIMIT_MAX } });
  expect(coverage.ratio).toBe(1);
  const found = new Map(metrics.map((pod) => [pod.pod_name, pod]));
  const runs = slot
    ? [...podsOn(slot, HOUR, HOUR + HOUR_MS)].filter((run) => run.start < HOUR && run.end > HOUR + HOUR_MS)
    : [];
  expect(runs.length).toBeGreaterThan(10);
  for (const run of runs) {
    const [truth] = integrate(run, { from: HOUR, to: HOUR + HOUR_MS }, 'pod');
    const pod = found.get(run.name);
    expect(pod?.run_hours, run.name).toBe(1);
    expect(pod?.avg_cpu_usage_millicores).toBeCloseTo(Number(truth?.cpuUsage ?? 0n) / HOUR_MS / 1e6, 3);
    expect(pod?.avg_memory_usage_bytes).toBeCloseTo(Number(truth?.memoryUsage ?? 0n) / HOUR_MS, -1);
  }
}, 90_000);

test('a wrong key loses nothing: what was collected is delivered once it is right', async () => {
  const key = await server.key(await server.tenant(), ['ingest', 'read']);
  const wrong = await collect(`${key.split(':')[0]}:${'x'.repeat(43)}`);
  await waitFor(async () => (await metric(wrong, 'kubetally_spool_failures_total')) > 0 && kubelet.readings.length > 5);
  const health = await fetch(`${wrong.url}/healthz`);
  expect(await health.json()).toMatchObject({ server: expect.stringMatching(/401/), last_delivered_at: null });
  await wrong.close();
  const kept = kubelet.readings.length;
  const right = await collect(key);
  await waitFor(async () => (await metric(right, 'kubetally_spool_delivered_total')) >= kept);
  expect(await metric(right, 'kubetally_spool_refused_total')).toBe(0);
});

test('a kubelet that fails too often ends the collector; one that recovers in time does not', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  kubelet.mood = 'failing';
  const never = await collect(key, { consecutiveFailuresMax: 3 });
  await expect(never.failed).rejects.toThrow(/after 3 failed readings .* 500/);
  await never.close();

  const service = await collect(key, { consecutiveFailuresMax: 1_000 });
  await waitFor(async () => (await metric(service, 'kubetally_collect_scrape_failures_total')) > 2);
  kubelet.mood = 'well';
  await waitFor(async () => (await metric(service, 'kubetally_collect_scrapes_total')) > 2);
});

test('a spool that is full drops the oldest and says so', async () => {
  const service = await collect('no:key', { endpoint: 'http://127.0.0.1:9/metrics', spoolBytesMax: 16_384 });
  const dropped = () => metric(service, 'kubetally_spool_dropped_records');
  await waitFor(async () => (await dropped()) > 5, { timeoutMs: 20_000 });
  expect(await metric(service, 'kubetally_spool_bytes')).toBeLessThanOrEqual(16_384);
});
