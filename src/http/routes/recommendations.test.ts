import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerSample, nodeSample } from '../../../test/support/samples.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { RecommendationAnswer } from '../../contracts/recommendations.ts';
import type { ContainerSample } from '../../core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';

/** Three hours, in posts every ten minutes: `web` is rolled out with another request after two, `job` ran in the first alone. */
const START = Date.UTC(2026, 2, 3, 9);
const HOURS = 3;
const MIB = 2 ** 20;
const NANO = 1_000_000_000;

let server: TestServer;
let keys: { all: string; east: string; stranger: string };

beforeAll(async () => {
  server = await startTestServer();
  const tenant = await server.tenant();
  await post(tenant, 'east', (at) => [
    at < START + 2 * HOUR_MS ? web('web-1', 1, 0.2) : web('web-2', 0.5, 0.1),
    web('web-3', at < START + 2 * HOUR_MS ? 1 : 0.5, at === START + HOUR_MS ? 0.42 : 0.1),
    pod({ namespace: 'tools', pod: 'shell', cpuRequest: 0, cpuUsage: 0.07 * NANO, memoryUsage: 70 * MIB }),
  ]);
  await post(tenant, 'west', (at) =>
    at < START + HOUR_MS ? [pod({ pod: 'job-1', controllerKind: 'Job', controller: 'job', cpuUsage: NANO })] : [],
  );
  const other = await server.tenant();
  keys = {
    all: await server.key(tenant, ['read']),
    east: await server.key(tenant, ['read'], 'east'),
    stranger: await server.key(other, ['read']),
  };
  await server.roll();
});
afterAll(() => server.close());

function pod(more: Partial<ContainerSample>): ContainerSample {
  return containerSample({ memoryRequest: 100 * MIB, memoryUsage: 70 * MIB, cpuRequest: NANO, ...more });
}

function web(name: string, request: number, used: number): ContainerSample {
  return pod({
    pod: name,
    container: 'app',
    controllerKind: 'Deployment',
    controller: 'web',
    cpuRequest: request * NANO,
    cpuUsage: Math.round(used * NANO),
    labels: { app: 'web' },
  });
}

async function post(tenant: string, name: string, seen: (at: number) => ContainerSample[]): Promise<void> {
  const cluster = (await server.deps.clusters.resolve(tenant, name, START)).id;
  const times = Array.from({ length: (HOURS * HOUR_MS) / (10 * MINUTE_MS) }, (_, i) => START + i * 10 * MINUTE_MS);
  const node = { cpuCapacity: 4 * NANO, memoryCapacity: 2 ** 34, providerId: `i-${name}` };
  await server.deps.intake.accept(
    { tenant, cluster },
    {
      source: 'agent',
      nodes: times.map((at) => nodeSample({ at, ...node })),
      containers: times.flatMap((at) => seen(at).map((sample) => ({ ...sample, at }))),
    },
  );
}

const WINDOW = `window=${new Date(START).toISOString()},${new Date(START + HOURS * HOUR_MS).toISOString()}`;

async function get(query: string, key = keys.all) {
  const response = await server.app.inject({
    url: `/v1/recommendations?${WINDOW}&${query}`,
    headers: { 'x-api-key': key },
  });
  expect(response.statusCode, response.body).toBe(200);
  return RecommendationAnswer.parse(response.json());
}

const names = ({ recommendations }: RecommendationAnswer) => recommendations.map(({ controller }) => controller);

describe('advice', () => {
  test('is by workload and container, from the peak of any replica, against what the newest replica asks for', async () => {
    const { recommendations, coverage } = await get('minObservedHours=1&filter=namespace:"shop"%2Bcluster:"east"');
    expect(coverage.clusters.map(({ cluster_name: name, ratio }) => [name, ratio])).toEqual([['east', 1]]);
    expect(recommendations).toHaveLength(1);
    expect(recommendations[0]).toMatchObject({
      cluster: 'east',
      controller_kind: 'deployment',
      controller: 'web',
      container: 'app',
      cpu: { request_millicores: 500, recommended_millicores: 600, usage_max_millicores: 420 },
      ram: { request_bytes: 100 * MIB, recommended_bytes: 100 * MIB, monthly_savings: '0' },
      evidence: { observed_hours: 3, covered_hours: 3, run_hours: 6, replicas: 2, pods: 3, sources: ['agent'] },
      reason:
        'In 3 hours: CPU: asks for 500 m, used 420 m at most; ask for 600 m. Memory: asks for 100 MiB, used 70 MiB at most; ask for 100 MiB.',
    });
    expect(Number(recommendations[0]?.monthly_savings)).toBeLessThan(0);
  });

  test('is not given where too little is known, and that is said', async () => {
    const few = await get('');
    expect(few.recommendations).toEqual([]);
    expect(few.total_monthly_savings).toBe('0');
    expect(few.left_out).toMatchObject({ total: 3, workloads: [{ why: 'too_new' }, {}, {}] });
    expect(few.left_out.workloads[0]?.explanation).toContain('minObservedHours');
  });

  test('on a pod without a controller is on the pod', async () => {
    const { recommendations } = await get('minObservedHours=1&filter=namespace:"tools"');
    expect(recommendations[0]).toMatchObject({
      controller_kind: 'pod',
      controller: 'shell',
      container: '',
      cpu: { request_millicores: 0, recommended_millicores: 100 },
    });
  });

  test('comes in the order that is asked for, in pages that add up, with totals of all', async () => {
    const all = await get('minObservedHours=1');
    expect(names(all)).toEqual(['job', 'shell', 'web'].sort((a, b) => savingsOf(all, b) - savingsOf(all, a)));
    expect(names(await get('minObservedHours=1&sort=name'))).toEqual(['web', 'shell', 'job']);
    expect(names(await get('minObservedHours=1&sort=efficiency'))[0]).toBe('web');
    const pages = await Promise.all([0, 1, 2, 3].map((at) => get(`minObservedHours=1&limit=1&offset=${at}`)));
    expect(pages.flatMap(names)).toEqual(names(all));
    for (const page of pages) expect(page.total_monthly_savings).toBe(all.total_monthly_savings);
  });

  const savingsOf = ({ recommendations }: RecommendationAnswer, name: string) =>
    Number(recommendations.find(({ controller }) => controller === name)?.monthly_savings);
});

describe('who sees what', () => {
  test('a key of one cluster sees that cluster, another tenant nothing', async () => {
    expect(names(await get('minObservedHours=1&sort=name', keys.east))).toEqual(['web', 'shell']);
    expect(await get('minObservedHours=1', keys.stranger)).toMatchObject({
      recommendations: [],
      left_out: { total: 0 },
    });
  });

  test('filters choose by anything that allocations are chosen by, and are data to the engine', async () => {
    const f = async (filter: string, want: string[]) =>
      expect(names(await get(`minObservedHours=1&sort=name&filter=${encodeURIComponent(filter)}`)), filter).toEqual(
        want,
      );
    await f('label[app]:"web"', ['web']);
    await f('node:"node-1"+controllerKind:"job"', ['job']);
    await f('pod:"web-1"', ['web']);
    await f('providerID:"i-east"', ['web', 'shell']);
    await f(`namespace:"'; drop table container_hours; --"`, []);
    await f('controllerName:"{tenant:UUID}"', []);
  });
});

test('what cannot be asked is refused with its field', async () => {
  const f = async (query: string, code: string, field: string) => {
    const response = await server.app.inject({
      url: `/v1/recommendations?${query}`,
      headers: { 'x-api-key': keys.all },
    });
    expect(response.statusCode, query).toBe(400);
    expect(response.json().code, query).toBe(code);
    expect(response.json().detail, query).toContain(field);
  };
  await f('window=63d', 'window_too_large', '63 days; at most 62');
  await f('targetCPUUtilization=0', 'invalid_request', 'targetCPUUtilization');
  await f('targetRAMUtilization=1.01', 'invalid_request', 'targetRAMUtilization');
  await f('algorithmCPU=guess', 'invalid_request', 'algorithmCPU');
  await f('filter=nonsense', 'invalid_request', 'filter');
  await f('namespace=shop', 'invalid_request', 'namespace');
});
