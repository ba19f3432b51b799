import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeSample } from '../../../test/support/samples.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { createClient } from '../../client/client.ts';
import { listSources } from '../../contracts/sources.ts';
import type { SourceName } from '../../core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';

const NOW = Date.UTC(2026, 4, 17, 12, 30);
const HOUR = Date.UTC(2026, 4, 17, 11);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => NOW } } });
});
afterAll(() => server.close());

async function newCluster() {
  const tenant = await server.tenant();
  const cluster = (await server.deps.clusters.resolve(tenant, 'east', NOW)).id;
  const key = await server.key(tenant, ['read', 'ingest']);
  const client = createClient({ url: server.url, key });
  return {
    tenant,
    cluster,
    key,
    /** Posts of a source about an hour, once a minute until it falls silent. */
    report: async (source: SourceName, minutes: number, hour = HOUR) => {
      const nodes = Array.from({ length: minutes }, (_, minute) =>
        nodeSample({ at: hour + minute * MINUTE_MS, cpuCapacity: 4e9, memoryCapacity: 2 ** 33 }),
      );
      await server.deps.intake.accept({ tenant, cluster }, { source, containers: [], nodes });
    },
    sources: (query: { start_time?: string; end_time?: string; cluster?: string } = {}) =>
      client.call(listSources, { query }),
  };
}

test('of two sources that covered enough the first in the order is counted; the other one is shown beside it', async () => {
  const { report, sources } = await newCluster();
  await report('collector', 60);
  await report('agent', 58);
  await report('collector', 60, HOUR - HOUR_MS);
  await server.roll();
  const { clusters, order, covered_enough } = await sources();
  expect(order.slice(0, 2)).toEqual(['agent', 'collector']);
  expect(covered_enough).toBe(0.9);
  expect(clusters).toHaveLength(1);
  expect(clusters[0]?.counted).toEqual({
    source: 'agent',
    hour: '2026-05-17T11:00:00.000Z',
    reason: 'first',
    passed_over: [],
    why: 'agent comes first in the order of those that covered enough of this hour',
  });
  expect(clusters[0]?.hours_asked).toBe(7 * 24 - 0.5); // from the first hour that begins in the window
  const [agent, collector] = clusters[0]?.sources ?? [];
  expect(agent).toMatchObject({
    source: 'agent',
    counted: true,
    hours_counted: 1,
    newest_at: '2026-05-17T11:00:00.000Z',
  });
  expect(collector).toMatchObject({ source: 'collector', counted: false, hours_counted: 1, hours_reported: 2 });
  expect(collector?.coverage_24h).toBeCloseTo(2 / 24.5, 10);
  expect(collector?.coverage_7d).toBeCloseTo(2 / 168.5, 10);
});

test('a richer source that covered too little is passed over, and the answer says so', async () => {
  const { report, sources } = await newCluster();
  await report('collector', 60);
  await report('agent', 20);
  await server.roll();
  const { clusters } = await sources();
  expect(clusters[0]?.counted).toMatchObject({
    source: 'collector',
    reason: 'covered_more',
    passed_over: ['agent'],
    why: 'collector is counted, for agent covered less than 90 % of what the best one did',
  });
});

test('hours are those of the asked window', async () => {
  const { report, sources } = await newCluster();
  await report('agent', 60, HOUR);
  await report('agent', 60, HOUR - HOUR_MS);
  await server.roll();
  const { clusters } = await sources({ start_time: '2026-05-17T11:00:00Z', end_time: '2026-05-17T12:00:00Z' });
  expect(clusters[0]).toMatchObject({ hours_asked: 1, counted: { reason: 'only' } });
  expect(clusters[0]?.sources[0]).toMatchObject({ hours_reported: 1, hours_counted: 1 });
});

test('rows taken and refused are counted from the first post on, with what was wrong and not with which row', async () => {
  const { key, sources } = await newCluster();
  const post = async (rows: object[]) => {
    const payload = { cluster_name: 'east', timestamp: NOW / 1_000 - 60, pod_metrics: rows };
    await server.app.inject({ method: 'POST', url: '/v1/ingest', payload, headers: { 'x-api-key': key } });
  };
  const good = { namespace: 'shop', pod_name: 'web-1', node_name: 'n', cpu_usage_millicores: 1 };
  await post([good, { ...good, cpu_usage_millicores: -1 }, { ...good, cpu_usage_millicores: -2 }]);
  await post([{ ...good, pod_name: 7 }]); // wholly refused
  const { clusters } = await sources();
  expect(clusters[0]?.counted).toBe(null);
  const [agent] = clusters[0]?.sources ?? [];
  expect(agent).toMatchObject({
    source: 'agent',
    rows_refused: 3,
    since: '2026-05-17T12:30:00.000Z',
    last_seen: '2026-05-17T12:30:00.000Z',
    newest_at: '2026-05-17T12:29:00.000Z',
    lag_seconds: 60,
  });
  expect(agent?.rows_taken).toBeGreaterThan(0);
  expect(agent?.refused_reasons.map(({ reason, count }) => [reason.split(':', 1)[0], count])).toEqual(
    expect.arrayContaining([
      ['pod_metrics[].cpu_usage_millicores', 2],
      ['pod_metrics[].pod_name', 1],
    ]),
  );
});

test('another tenant’s sources cannot be seen, nor another cluster’s with a key of one', async () => {
  const [own, other] = [await newCluster(), await newCluster()];
  await own.report('agent', 60);
  await server.roll();
  expect((await other.sources()).clusters[0]?.sources).toEqual([]);
  await expect(own.sources({ cluster: 'north' })).rejects.toMatchObject({ status: 404 });
  const bound = createClient({ url: server.url, key: await server.key(own.tenant, ['read'], 'west') });
  const { clusters } = await bound.call(listSources, { query: {} });
  expect(clusters.map(({ cluster_name }) => cluster_name)).toEqual(['west']);
});
