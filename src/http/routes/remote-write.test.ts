import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storedPoints } from '../../../test/support/points.ts';
import {
  encodeWrite,
  type SentSeries,
  type SentVersion,
  sentSeries,
  writeHeaders,
} from '../../../test/support/remote-write.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { createClient } from '../../client/client.ts';
import { listSources } from '../../contracts/sources.ts';
import { MINUTE_MS } from '../../lib/clock.ts';
import { createFleet } from '../../sim/fleet.ts';
import { seriesAt } from '../../sim/series.ts';

const AT = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS;

let server: TestServer;
let tenant: string;
let key: string;
beforeAll(async () => {
  server = await startTestServer();
  tenant = await server.tenant();
  key = await server.key(tenant, ['ingest']);
});
afterAll(() => server.close());

interface Sent {
  readonly version?: SentVersion;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

async function write(series: readonly SentSeries[], { version = '1.0', headers = {}, key: by = key }: Sent = {}) {
  return server.app.inject({
    method: 'POST',
    url: '/api/v1/write',
    payload: encodeWrite(series, version),
    headers: { ...writeHeaders(version), 'x-api-key': by, ...headers },
  });
}

const up = (labels: Record<string, string> = {}, at = AT, value = 1): SentSeries =>
  sentSeries([{ labels: { __name__: 'up', job: 'kubelet', ...labels }, value }], at)[0] ?? { labels: [], samples: [] };

describe.each<SentVersion>(['1.0', '2.0'])('remote write %s', (version) => {
  test('what is answered 204 is in the store, as it was sent', async () => {
    const fleet = createFleet({ preset: 'small', seed: 1, start: AT - 60 * MINUTE_MS });
    const cluster = `small-${version}`;
    const scraped = [...seriesAt(fleet, { cluster: 'small', at: AT })];
    const response = await write(sentSeries(scraped, AT, { cluster }), { version });
    expect([response.statusCode, response.body]).toEqual([204, '']);
    const stored = await storedPoints(server, tenant, cluster);
    const expected = scraped.map(({ labels, value }) => ({ labels, at: AT, value }));
    expect(stored).toEqual(expect.arrayContaining(expected));
    expect(stored).toHaveLength(scraped.length);
  });

  test('one request may speak of several clusters', async () => {
    const [a, b] = [`a-${version}`, `b-${version}`];
    expect((await write([up({ cluster: a }), up({ cluster_id: b })], { version })).statusCode).toBe(204);
    for (const name of [a, b]) expect(await storedPoints(server, tenant, name)).toHaveLength(1);
  });

  test('a label that cannot name a cluster costs its own series alone', async () => {
    const name = `kept-${version}`;
    const { statusCode } = await write([up({ cluster: 'x'.repeat(300) }), up({ cluster: name })], { version });
    expect(statusCode).toBe(version === '1.0' ? 204 : 400); // a sender of 2.0 must be told of what is refused
    expect(await storedPoints(server, tenant, name)).toHaveLength(1);
  });

  test('the header names the cluster before any label does', async () => {
    const name = `header-${version}`;
    const headers = { 'x-kubetally-cluster': name };
    expect((await write([up({ cluster: 'other' })], { version, headers })).statusCode).toBe(204);
    expect(await storedPoints(server, tenant, name)).toHaveLength(1);
  });

  test('a key that is bound to a cluster writes to that one alone', async () => {
    const bound = await server.key(tenant, ['ingest'], `bound-${version}`);
    expect((await write([up()], { version, key: bound })).statusCode).toBe(204);
    expect(await storedPoints(server, tenant, `bound-${version}`)).toHaveLength(1);
    const mixed = await write([up({ cluster: `bound-${version}` }), up({ cluster: 'another' })], {
      version,
      key: bound,
    });
    expect(mixed.json()).toMatchObject({ status: 403, code: 'cluster_mismatch' });
    expect(await storedPoints(server, tenant, `bound-${version}`)).toHaveLength(1);
  });

  test('the same again, in any order, is the same points', async () => {
    const cluster = `again-${version}`;
    const series = [up({ cluster }), up({ cluster }, AT - MINUTE_MS, 2), up({ cluster, job: 'x' })];
    for (const each of [series, series.toReversed(), series]) {
      expect((await write(each, { version })).statusCode).toBe(204);
    }
    expect(await storedPoints(server, tenant, cluster)).toHaveLength(3);
  });
});

test('a sender of 2.0 is told how much was written, and what is left out on purpose counts', async () => {
  const noise: SentSeries = { labels: [['__name__', 'go_goroutines']], samples: [{ at: AT, value: 1 }], exemplars: 2 };
  const series = [up(), noise, { ...up({ job: 'h' }), samples: [], histograms: 3 }];
  const { statusCode, headers } = await write(series, { version: '2.0' });
  expect(statusCode).toBe(204);
  expect(headers).toMatchObject({
    'x-prometheus-remote-write-samples-written': '2',
    'x-prometheus-remote-write-histograms-written': '3',
    'x-prometheus-remote-write-exemplars-written': '2',
  });
  expect((await write(series)).headers).not.toHaveProperty('x-prometheus-remote-write-samples-written');
});

test('what must be refused is refused alone; 2.0 is told so, 1.0 only when nothing could be taken', async () => {
  const old = up({ job: 'old' }, 1_000);
  expect((await write([up(), old])).statusCode).toBe(204);
  const partly = await write([up(), old], { version: '2.0' });
  expect(partly.statusCode).toBe(400);
  expect(partly.headers).toMatchObject({ 'x-prometheus-remote-write-samples-written': '1' });
  const nothing = await write([old, { ...old, labels: [['job', 'x']] }]);
  expect(nothing.json()).toMatchObject({
    status: 400,
    code: 'invalid_payload',
    refused: { too_old: 1, bad_labels: 1 },
  });
  expect((await write([])).statusCode).toBe(204);
});

test('a cluster of which nothing can be taken is not made, whatever else the request brings', async () => {
  const own = await server.tenant();
  const by = await server.key(own, ['ingest', 'read']);
  const names = async () => (await server.deps.clusters.list(own)).map(({ name }) => name);
  const old = (labels: Record<string, string> = {}) => up(labels, 1_000);
  expect((await write([old()], { key: by })).statusCode).toBe(400);
  expect((await write([old({ cluster: 'a' }), old({ cluster: 'b' })], { key: by })).statusCode).toBe(400);
  expect((await write([{ ...up(), labels: [['job', 'x']] }], { key: by })).statusCode).toBe(400);
  expect(await names()).toEqual([]);
  expect((await write([old({ cluster: 'a' }), up({ cluster: 'b' })], { key: by })).statusCode).toBe(204);
  expect(await names()).toEqual(['b']);
  expect((await write([old({ cluster: 'b' })], { key: by })).statusCode).toBe(400);
  const { clusters } = await createClient({ url: server.url, key: by }).call(listSources, { query: {} });
  expect(clusters.map(({ sources }) => sources[0]?.refused_reasons)).toMatchObject([[{ reason: 'too old', count: 2 }]]);
});

test.each<[string, Record<string, string>, number]>([
  ['no snappy', { 'content-encoding': 'gzip' }, 415],
  ['no protobuf', { 'content-type': 'application/json' }, 415],
  ['another message', { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' }, 415],
  ['a cluster that is no name', { 'x-kubetally-cluster': 'x'.repeat(300) }, 400],
])('a request is refused by its headers: %s', async (_, headers, status) => {
  expect((await write([up()], { headers })).statusCode).toBe(status);
});

test('keys come as X-Api-Key, bearer or Basic, and need the scope ingest', async () => {
  const [id, secret] = key.split(':');
  const by = async (headers: Record<string, string>) =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/api/v1/write',
        payload: encodeWrite([up()]),
        headers: { ...writeHeaders('1.0'), ...headers },
      })
    ).statusCode;
  expect(await by({ authorization: `Bearer ${key}` })).toBe(204);
  expect(await by({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })).toBe(204);
  expect(await by({})).toBe(401);
  expect(await by({ 'x-api-key': await server.key(tenant, ['read']) })).toBe(403);
});
