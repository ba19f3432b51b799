import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factBatch, nodeFact, podFact } from '../../../test/support/facts.ts';
import { nodeSample } from '../../../test/support/samples.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import type { HourFact } from '../../core/hour-facts.ts';
import type { SampleBatch } from '../../core/samples.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';

const DAY = Date.UTC(2026, 4, 17);
const NOW = DAY + 3 * DAY_MS + 12 * HOUR_MS;
const DATES = 'start_date=2026-05-17&end_date=2026-05-18';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => NOW } } });
});
afterAll(() => server.close());

interface Lab {
  readonly key: string;
  readonly tenant: string;
  readonly cluster: string;
  readonly put: (batch: SampleBatch, cluster?: string) => Promise<void>;
  readonly get: (path: string, headers?: Record<string, string>) => ReturnType<typeof get>;
}

async function lab(name = 'east'): Promise<Lab> {
  const tenant = await server.tenant();
  const key = await server.key(tenant, ['read']);
  const cluster = (await server.deps.clusters.resolve(tenant, name, NOW)).id;
  return {
    key,
    tenant,
    cluster,
    put: (batch, to = cluster) => server.deps.intake.accept({ tenant, cluster: to }, batch),
    get: (path, headers = {}) => get(path, { 'x-api-key': key, ...headers }),
  };
}

function get(path: string, headers: Record<string, string>) {
  return server.app.inject({ url: `/api/metrics/v1/${path}`, headers });
}

const hours = (count: number, first = 0) =>
  Array.from({ length: count }, (_, index) => DAY + (first + index) * HOUR_MS);

describe('nodes', () => {
  // First: the ledger would otherwise be computed of all that the others have put.
  test('where no upload tells of a cluster’s hour, the ledger does; never both', async () => {
    const { put, get, cluster, tenant } = await lab();
    const nodes = hours(2).flatMap((hour) =>
      Array.from({ length: 60 }, (_, minute) =>
        nodeSample({
          at: hour + minute * MINUTE_MS,
          node: 'ledger-node',
          providerId: 'aws:///us-east-1a/i-9',
          cpuCapacity: 4e9,
          memoryCapacity: 2 ** 34,
          labels: { 'node-role.kubernetes.io/infra': '' },
        }),
      ),
    );
    await server.deps.intake.accept({ tenant, cluster }, { source: 'collector', containers: [], nodes });
    await server.roll();
    await put(factBatch([nodeFact(DAY + HOUR_MS, { node: 'ledger-node' })]));
    const { data } = (await get(`nodes?${DATES}`)).json();
    expect(data.map((row: Row) => [row.NodeIdentifier, row.NodeType, row.CoreCount, row.TotalHours])).toEqual([
      ['i-1', 'worker', 4, 1],
      ['i-9', 'infra', 4, 1],
    ]);
  });

  test('a node of a whole day is one row of 24 hours, under both spellings', async () => {
    const { put, get, cluster } = await lab();
    await put(factBatch(hours(24).map((hour) => nodeFact(hour))));
    const want = {
      metadata: { total: 1, limit: 100, offset: 0 },
      data: [
        {
          Date: '2026-05-17T00:00:00Z',
          ClusterID: cluster,
          ClusterName: 'east',
          NodeName: 'node-1',
          NodeIdentifier: 'i-1',
          NodeType: 'worker',
          CoreCount: 4,
          TotalHours: 24,
        },
      ],
    };
    expect((await get(`nodes?${DATES}`)).json()).toEqual(want);
    expect((await get(`ndoes?${DATES}`)).json()).toEqual(want);
    expect((await get('nodes')).json()).toEqual(want); // this month so far
  });

  test('a node that grows from 4 to 8 cores at noon is two rows of 12 hours', async () => {
    const { put, get } = await lab();
    await put(factBatch(hours(24).map((hour, index) => nodeFact(hour, { cores: index < 12 ? 4 : 8 }))));
    const { data } = (await get(`nodes?${DATES}`)).json();
    expect(data.map((row: Row) => [row.CoreCount, row.TotalHours])).toEqual([
      [4, 12],
      [8, 12],
    ]);
  });

  test('parts of cores are cut off, a node without a role is a worker, and one without a size is not counted', async () => {
    const { put, get } = await lab();
    await put(
      factBatch([
        nodeFact(DAY, { node: 'a', cores: 3.92, texts: {} }),
        nodeFact(DAY, { node: 'b', amounts: {} }),
        nodeFact(DAY, { node: 'c', texts: { node_role: 'master' } }),
      ]),
    );
    const { data } = (await get(`nodes?${DATES}`)).json();
    expect(data.map((row: Row) => [row.NodeName, row.CoreCount, row.NodeType, row.NodeIdentifier])).toEqual([
      ['a', 3, 'worker', ''],
      ['c', 4, 'master', ''],
    ]);
    expect((await get(`nodes?${DATES}&node_type=master`)).json().metadata.total).toBe(1);
    expect((await get(`nodes?${DATES}&node_type=mast`)).json().metadata.total).toBe(0);
  });

  test('of two statements about a node’s hour the later one counts, in whatever order they came', async () => {
    const { put, get } = await lab();
    await put(
      factBatch([nodeFact(DAY, { cores: 2, statedAt: 2 }), nodeFact(DAY + HOUR_MS, { cores: 8, statedAt: 1 })]),
    );
    await put(
      factBatch([nodeFact(DAY, { cores: 4, statedAt: 1 }), nodeFact(DAY + HOUR_MS, { cores: 2, statedAt: 2 })]),
    );
    const { data } = (await get(`nodes?${DATES}`)).json();
    expect(data.map((row: Row) => [row.CoreCount, row.TotalHours])).toEqual([[2, 2]]);
  });

  test('a day has at most 24 hours of a node, whatever is uploaded how often and in which order', async () => {
    const delivery = fc.array(
      fc.record({
        hour: fc.nat(30),
        cores: fc.constantFrom(4, 8),
        statedAt: fc.nat(5),
        node: fc.constantFrom('a', 'b'),
      }),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(delivery, async (told) => {
        const { put, get } = await lab();
        const facts = told.map(({ hour, cores, statedAt, node }) =>
          nodeFact(DAY + hour * HOUR_MS, { cores, statedAt, node, texts: { resource_id: node } }),
        );
        const ask = async () => (await get(`nodes?${DATES}&limit=1000`)).json().data;
        await put(factBatch(facts));
        const once = await ask();
        await put(factBatch(facts.toReversed()));
        for (const fact of facts.slice(0, 5)) await put(factBatch([fact]));
        expect(await ask()).toEqual(once);
        const perDay = new Map<string, number>();
        for (const { NodeName, Date: day, TotalHours } of once) {
          perDay.set(`${NodeName} ${day}`, (perDay.get(`${NodeName} ${day}`) ?? 0) + TotalHours);
        }
        const distinct = new Set(told.map(({ hour, node }) => `${node} ${hour}`));
        expect([...perDay.values()].every((count) => count <= 24)).toBe(true);
        expect([...perDay.values()].reduce((sum, count) => sum + count, 0)).toBe(distinct.size);
      }),
      { numRuns: 12 },
    );
  });

  test('pages of any size are the same rows, each once, and every page tells how many there are', async () => {
    const { put, get } = await lab();
    const names = ['e', 'b', 'd', 'a', 'c'];
    await put(factBatch(names.flatMap((node) => hours(30).map((hour) => nodeFact(hour, { node })))));
    const all = (await get(`nodes?${DATES}`)).json();
    expect(all.metadata.total).toBe(10);
    for (const limit of [1, 3, 10, 1_000]) {
      const rows: Row[] = [];
      for (let offset = 0; offset < 10; offset += limit) {
        const page = (await get(`nodes?${DATES}&limit=${limit}&offset=${offset}`)).json();
        expect(page.metadata).toEqual({ total: 10, limit, offset });
        rows.push(...page.data);
      }
      expect(rows, `limit ${limit}`).toEqual(all.data);
    }
    expect((await get(`nodes?${DATES}&offset=50`)).json()).toEqual({
      metadata: { total: 10, limit: 100, offset: 50 },
      data: null,
    });
  });

  test('clusters are found by their own id, by ours, and by their name in any case', async () => {
    const { put, get, tenant } = await lab();
    const { id } = await server.deps.clusters.resolveExternal(tenant, { externalId: 'ocp-7', name: 'West_1' }, NOW);
    await put(factBatch([nodeFact(DAY)]), id);
    const f = async (filter: string, total: number) =>
      expect((await get(`nodes?${DATES}&${filter}`)).json().metadata.total, filter).toBe(total);
    await f('cluster_id=ocp-7', 1);
    await f(`cluster_id=${id}`, 1);
    await f('cluster_id=ocp', 0);
    await f('cluster_name=west_1', 1);
    await f('cluster_name=west', 0);
    await f('cluster_name=westx1', 0);
    await f('cluster_id=&cluster_name=', 1);
    const { data } = (await get(`nodes?${DATES}`)).json();
    expect(data[0]).toMatchObject({ ClusterID: 'ocp-7', ClusterName: 'West_1' });
  });

  test('as CSV the page has the columns that its clients know, and no cell that a spreadsheet would run', async () => {
    const { put, get, cluster } = await lab('=cmd()');
    await put(factBatch([nodeFact(DAY)]));
    const { headers, body } = await get(`nodes?${DATES}`, { accept: 'text/csv' });
    expect(headers['content-type']).toMatch(/^text\/csv/);
    expect(headers['content-disposition']).toBe('attachment;filename=node_metrics.csv');
    expect(body).toBe(
      'Date,ClusterID,ClusterName,NodeName,NodeIdentifier,NodeType,CoreCount,TotalHours\n' +
        `2026-05-17,${cluster},'=cmd(),node-1,i-1,worker,4,1\n`,
    );
  });
});

describe('pods', () => {
  test('the greater of usage and request counts, hour by hour, and its greatest share of its node', async () => {
    const { put, get, cluster } = await lab();
    await put(
      factBatch([
        ...hours(3).map((hour) => nodeFact(hour)),
        podFact(DAY, { usage: 100, request: 200 }),
        podFact(DAY + HOUR_MS, { usage: 7_200, request: 200 }),
        podFact(DAY + 2 * HOUR_MS, { request: 50 }), // no usage is no reason not to count
      ]),
    );
    expect((await get(`pods?${DATES}`)).json()).toEqual({
      metadata: { total: 1, limit: 100, offset: 0 },
      data: [
        {
          Date: '2026-05-17T00:00:00Z',
          MaxCoresUsed: 0.5,
          TotalPodEffectiveCoreSeconds: 7_450,
          TotalHours: 3,
          ClusterID: cluster,
          ClusterName: 'east',
          PodName: 'web-1',
          Namespace: 'shop',
          Component: 'EAP',
        },
      ],
    });
    const { headers, body } = await get(`pods?${DATES}`, { accept: 'text/csv' });
    expect(headers['content-disposition']).toBe('attachment;filename=pod_metrics.csv');
    expect(body).toBe(
      'Date,MaxCoresUsed,TotalPodEffectiveCoreSeconds,TotalHours,ClusterID,ClusterName,Namespace,PodName,Component\n' +
        `2026-05-17,0.50,7450.00,3,${cluster},east,shop,web-1,EAP\n`,
    );
  });

  test('uploading again, whole or in parts, changes nothing', async () => {
    const { put, get } = await lab();
    const facts: HourFact[] = hours(24).flatMap((hour) => [nodeFact(hour), podFact(hour, { usage: 10, request: 5 })]);
    await put(factBatch(facts));
    const once = (await get(`pods?${DATES}`)).json();
    await put(factBatch(facts));
    await put(factBatch(facts.slice(7, 20)));
    expect((await get(`pods?${DATES}`)).json()).toEqual(once);
    expect(once.data[0]).toMatchObject({ TotalHours: 24, TotalPodEffectiveCoreSeconds: 240 });
  });

  test('a pod without any of the labels is not counted; filters find parts of names in any case', async () => {
    const { put, get } = await lab();
    await put(
      factBatch([
        podFact(DAY, { pod: 'plain', labels: { app: 'x' } }),
        podFact(DAY, { pod: 'prefixed', labels: { label_rht_comp: 'Fuse' } }),
        podFact(DAY, { pod: 'Web_1', namespace: 'Front' }),
      ]),
    );
    const f = async (filter: string, pods: string[]) => {
      const { data } = (await get(`pods?${DATES}&${filter}`)).json();
      expect(
        (data ?? []).map((row: Row) => row.PodName),
        filter,
      ).toEqual(pods);
    };
    await f('', ['Web_1', 'prefixed']);
    await f('pod_name=web_', ['Web_1']);
    await f('pod_name=web%25', []); // neither % nor _ stands for anything else
    await f('namespace=RONT', ['Web_1']);
    await f('component=fus', ['prefixed']);
    await f('cluster_name=AS', ['Web_1', 'prefixed']);
    await f('cluster_name=west', []);
  });
});

interface Row {
  readonly NodeName: string;
  readonly NodeIdentifier: string;
  readonly NodeType: string;
  readonly PodName: string;
  readonly Date: string;
  readonly CoreCount: number;
  readonly TotalHours: number;
}

test('what cannot be read is refused in the words that clients know', async () => {
  const { get } = await lab();
  const f = async (query: string, error: string | RegExp) => {
    for (const route of ['nodes', 'ndoes', 'pods']) {
      const response = await get(`${route}?${query}`);
      expect(response.statusCode, query).toBe(400);
      expect(response.json().error, query).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    }
  };
  await f('limit=0', 'Limit must be between 1 and 1000');
  await f('limit=1001', 'Limit must be between 1 and 1000');
  await f('offset=-1', 'Offset must be non-negative');
  await f('limit=ten', /^Invalid query parameters: limit "ten"/);
  await f('offset=1.5', /^Invalid query parameters: offset "1.5"/);
  await f('start_date=2026-02-30', /^Invalid start_date: "2026-02-30"/);
  await f('start_date=17.5.2026', /^Invalid start_date: /);
  await f('end_date=2026-05-17T00:00:00Z', /^Invalid end_date: /);
  await f('end_date=9999-12-31', /^Invalid end_date: /);
  await f('start_date=2000-01-01&end_date=2026-01-01', /^Invalid query parameters: 9498 days; at most 800/);
  const empty = (await get('nodes?start_date=2026-05-18&end_date=2026-05-17')).json();
  expect(empty).toEqual({ metadata: { total: 0, limit: 100, offset: 0 }, data: null });
});

test('a tenant sees its own nodes and pods only, and a key of one cluster that cluster only', async () => {
  const [own, other] = [await lab(), await lab()];
  await own.put(factBatch([nodeFact(DAY), podFact(DAY)]));
  const west = (await server.deps.clusters.resolve(own.tenant, 'west', NOW)).id;
  await own.put(factBatch([nodeFact(DAY), podFact(DAY)]), west);
  const bound = await server.key(own.tenant, ['read'], 'west');
  for (const route of ['nodes', 'pods']) {
    expect((await own.get(`${route}?${DATES}`)).json().metadata.total).toBe(2);
    expect((await other.get(`${route}?${DATES}`)).json().metadata.total).toBe(0);
    expect((await other.get(`${route}?${DATES}&cluster_id=${own.cluster}`)).json().data).toBe(null);
    const seen = (await get(`${route}?${DATES}`, { 'x-api-key': bound })).json().data;
    expect(seen.map((row: { ClusterName: string }) => row.ClusterName)).toEqual(['west']);
    const basic = `Basic ${Buffer.from(own.key).toString('base64')}`;
    expect((await get(`${route}?${DATES}`, { authorization: basic })).json().metadata.total).toBe(2);
    expect((await get(`${route}?${DATES}`, {})).statusCode).toBe(401);
  }
});

const EXAMPLE = new URL('../../../../shared/fixtures/uploads/upload-example.tar.gz', import.meta.url);

describe.skipIf(!existsSync(EXAMPLE))('an uploaded archive (needs ../shared/fixtures)', () => {
  test('of one day is one node of 4 cores for 24 hours, also after it was uploaded again', async () => {
    const { key: reader, tenant } = await lab();
    const key = await server.key(tenant, ['ingest']);
    const body = new Blob([await readFile(EXAMPLE)]);
    for (let upload = 0; upload < 2; upload += 1) {
      const form = new FormData();
      form.set('file', body, 'payload.tar.gz');
      const url = `${server.url}/api/ingress/v1/upload`;
      const response = await fetch(url, { method: 'POST', body: form, headers: { 'x-api-key': key } });
      expect(response.status, await response.text()).toBe(202);
      const path = 'start_date=2025-05-01&end_date=2025-05-31';
      const nodes = (await get(`nodes?${path}`, { 'x-api-key': reader })).json();
      expect(nodes.metadata.total).toBe(1);
      expect(nodes.data[0]).toMatchObject({
        ClusterID: '10f5a0f9-223a-41c1-8456-9a3eb0323a99',
        NodeIdentifier: 'resource-10f5a0f9-223a-41c1-8456-9a3eb0323a99',
        NodeType: 'worker',
        CoreCount: 4,
        TotalHours: 24,
      });
      const pods = (await get(`pods?${path}`, { 'x-api-key': reader })).json();
      expect(pods.metadata.total).toBe(24); // another pod each hour
      for (const pod of pods.data) {
        expect(pod).toMatchObject({ TotalHours: 1, TotalPodEffectiveCoreSeconds: 200, Component: 'test-component' });
        expect(pod.MaxCoresUsed).toBeCloseTo(200 / 14_400, 12);
      }
    }
  });
});
