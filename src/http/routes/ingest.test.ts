import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { MINUTE_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Intake, IntakeTarget } from '../dependencies.ts';

type Taken = { target: IntakeTarget; batch: Parameters<Intake['accept']>[1] };

let server: TestServer;
let taken: Taken[] = [];
let refusal: AppError | null = null;

beforeAll(async () => {
  const intake: Intake = {
    async accept(target, batch) {
      if (refusal) throw refusal;
      taken.push({ target, batch });
    },
  };
  server = await startTestServer({ deps: { intake } });
});
beforeEach(() => {
  taken = [];
  refusal = null;
});
afterAll(() => server.close());

const pod = { pod_name: 'web-1', namespace: 'shop', node_name: 'n1', cpu_usage_millicores: 5, memory_usage_bytes: 7 };
const agentPost = (fields: object = {}) => ({ cluster_name: 'east', timestamp: 0, pod_metrics: [pod], ...fields });
const collectorPost = (fields: object = {}) => ({
  timestamp: new Date().toISOString(),
  node_name: 'n1',
  hostname: 'n1',
  pods: [{ pod_id: 'uid-1', namespace: 'shop', name: 'web-1', cpu_usage_cores: 0.5, memory_usage_bytes: 7 }],
  ...fields,
});

function send(url: '/v1/ingest' | '/metrics', key: string, payload: object) {
  return server.app.inject({ method: 'POST', url, headers: { 'x-api-key': key }, payload });
}

test('a post that is wholly taken is answered as agents and collectors expect, and nothing more', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  const agent = await send('/v1/ingest', key, agentPost());
  expect([agent.statusCode, agent.json()]).toEqual([202, { status: 'accepted' }]);
  const collector = await send('/metrics', key, collectorPost());
  expect([collector.statusCode, collector.json()]).toEqual([200, { status: 'ok' }]);
  expect(taken.map(({ batch }) => batch.source)).toEqual(['agent', 'collector']);
});

test('rows that cannot be taken are named, and the others are kept', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  const response = await send(
    '/v1/ingest',
    key,
    agentPost({ pod_metrics: [pod, { ...pod, cpu_usage_millicores: -1 }] }),
  );
  expect(response.statusCode).toBe(202);
  expect(response.json()).toMatchObject({
    status: 'accepted',
    accepted: 1,
    rejected_count: 1,
    rejected: [{ row: 1, field: 'pod_metrics[1].cpu_usage_millicores' }],
  });
  expect(taken[0]?.batch.containers).toHaveLength(1);
});

test('a post of which nothing can be taken is refused, in the words of the old API too', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  const f = async (payload: object, code: string) => {
    const response = await send('/v1/ingest', key, payload);
    expect(response.statusCode, JSON.stringify(payload)).toBe(400);
    expect(response.json()).toMatchObject({ code });
    return response.json();
  };
  const nothing = await f(agentPost({ pod_metrics: [{ ...pod, cpu_usage_millicores: -1 }] }), 'invalid_payload');
  expect(nothing).toMatchObject({ error: 'invalid payload', details: expect.stringContaining('cpu_usage_millicores') });
  const envelope = await f(agentPost({ pod_metrics: 'many', cluster_name: 5 }), 'invalid_payload');
  expect(envelope.errors.map(({ field }: { field: string }) => field)).toEqual(['cluster_name', 'pod_metrics']);
  await f([], 'invalid_payload');
  const past = await f(agentPost({ timestamp: 1_000_000 }), 'timestamp_out_of_range');
  expect(past.errors[0].field).toBe('timestamp');
  expect(taken).toEqual([]);
});

test('a post of which nothing can be taken makes no cluster, not the default one either', async () => {
  const tenant = await server.tenant();
  const key = await server.key(tenant, ['ingest']);
  const names = async () => (await server.deps.clusters.list(tenant)).map(({ name }) => name);
  const wrong = { ...pod, cpu_usage_millicores: -1 };
  expect((await send('/v1/ingest', key, agentPost({ pod_metrics: [wrong] }))).statusCode).toBe(400);
  expect((await send('/v1/ingest', key, agentPost({ pod_metrics: [wrong], cluster_name: null }))).statusCode).toBe(400);
  expect(await names()).toEqual([]);
  expect((await send('/v1/ingest', key, agentPost({ pod_metrics: [wrong, pod] }))).statusCode).toBe(202);
  expect(await names()).toEqual(['east']);
});

test('tenant and cluster are those of the key; the payload names a cluster of that tenant at most', async () => {
  const [one, other] = [await server.tenant(), await server.tenant()];
  const keys = [await server.key(one, ['ingest']), await server.key(other, ['ingest'])];
  for (const key of keys) {
    await send('/v1/ingest', key, agentPost({ tenant_id: 'someone else' }));
    await send('/metrics', key, collectorPost({ cluster_name: 'east' }));
    await send('/metrics', key, collectorPost());
  }
  const targets = taken.map(({ target }) => target);
  expect(targets.map(({ tenant }) => tenant)).toEqual([one, one, one, other, other, other]);
  const [a1, a2, a3, b1, b2] = targets.map(({ cluster }) => cluster);
  expect(a1).toBe(a2);
  expect(b1).toBe(b2);
  expect(new Set([a1, a3, b1]).size).toBe(3);
  const names = (await server.deps.clusters.list(one)).map(({ name, lastSeenAt }) => [name, lastSeenAt !== null]);
  expect(names).toEqual([
    ['default', true],
    ['east', true],
  ]);
});

test('a key that is bound to a cluster speaks of no other', async () => {
  const tenant = await server.tenant();
  const key = await server.key(tenant, ['ingest'], 'east');
  expect((await send('/v1/ingest', key, agentPost())).statusCode).toBe(202);
  expect((await send('/metrics', key, collectorPost())).statusCode).toBe(200);
  const other = await send('/v1/ingest', key, agentPost({ cluster_name: 'west' }));
  expect([other.statusCode, other.json()]).toMatchObject([
    403,
    { error: 'cluster_mismatch', expected_cluster: 'east', received_cluster: 'west' },
  ]);
  expect(new Set(taken.map(({ target }) => target.cluster)).size).toBe(1);
  expect((await server.deps.clusters.list(tenant)).map(({ name }) => name)).toEqual(['east']);
});

test('what is not durable is never acknowledged', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  refusal = new AppError('intake_full', 'the queue is full', { retryAfterSeconds: 3 });
  const full = await send('/v1/ingest', key, agentPost());
  expect([full.statusCode, full.headers['retry-after']]).toEqual([503, '3']);
  refusal = new AppError('store_full', 'no space left');
  expect((await send('/metrics', key, collectorPost())).statusCode).toBe(503);
});

test('rows are counted by source', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  const before = await counted('kubetally_intake_rows_total{source="agent"}');
  await send('/v1/ingest', key, agentPost({ pod_metrics: [pod, pod, { ...pod, pod_name: '' }] }));
  expect(await counted('kubetally_intake_rows_total{source="agent"}')).toBe(before + 2);
  expect(await counted('kubetally_intake_rejected_rows_total{source="agent"}')).toBeGreaterThan(0);
});

async function counted(series: string): Promise<number> {
  const { body } = await server.app.inject({ url: '/metrics' });
  const line = body.split('\n').find((it) => it.startsWith(series));
  return Number(line?.slice(series.length) ?? 0);
}

test('a timestamp may be as far ahead as the configuration says', async () => {
  const key = await server.key(await server.tenant(), ['ingest']);
  const at = (minutes: number) => Math.floor((Date.now() + minutes * MINUTE_MS) / 1_000);
  expect((await send('/v1/ingest', key, agentPost({ timestamp: at(9) }))).statusCode).toBe(202);
  expect((await send('/v1/ingest', key, agentPost({ timestamp: at(11) }))).statusCode).toBe(400);
});
