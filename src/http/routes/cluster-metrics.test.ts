import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { SMALL_START, smallCluster } from '../../../test/support/small-cluster.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/clock.ts';

const HOURS = 2;
/** Half an hour after the last hour that is known. */
const SOON = SMALL_START + HOURS * HOUR_MS + 30 * MINUTE_MS;
let now = SOON;
let server: TestServer;
let tenant: string;
let clusterId: string;
let key: string;

beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => now } } });
  tenant = await server.tenant();
  key = await server.key(tenant, ['read']);
  ({ id: clusterId } = await server.deps.clusters.resolve(tenant, 'east', now));
  await server.deps.intake.accept(
    { tenant, cluster: clusterId },
    {
      ...smallCluster(SMALL_START, HOURS),
      namespaces: [{ at: SMALL_START, namespace: 'shop', labels: { team: 'blue' }, annotations: { contact: 'ann' } }],
      services: [{ at: SMALL_START, namespace: 'shop', service: 'front', selector: { app: 'web' } }],
    },
  );
  await server.roll();
}, 120_000);
afterAll(() => server.close());
beforeEach(() => {
  now = SOON;
});

async function get(url: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
  const response = await server.app.inject({ url, headers });
  return { status: response.statusCode, text: response.body, type: response.headers['content-type'] };
}

async function lineOf(name: string): Promise<string[]> {
  const { text } = await get('/metrics?cluster=east');
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

const NODE_1 =
  'instance="n1",node="n1",instance_type="m5.xlarge",region="eu-west-1",provider_id="aws:///eu-west-1a/i-0123",arch="amd64"';
const NODE_2 =
  'instance="n2",node="n2",instance_type="m5.large",region="eu-west-1",provider_id="aws:///eu-west-1b/i-0456",arch="arm64"';

describe('the gauges of a small cluster are what OpenCost would emit, label by label', () => {
  test.each([
    ['node_total_hourly_cost', [`{${NODE_1}} 0.4`, `{${NODE_2}} 0.1`]],
    ['node_gpu_hourly_cost', [`{${NODE_1}} 0`, `{${NODE_2}} 0`]],
    ['node_gpu_count', [`{${NODE_1}} 0`, `{${NODE_2}} 0`]],
    ['kubecost_node_is_spot', [`{${NODE_1}} 0`, `{${NODE_2}} 1`]],
    [
      'container_cpu_allocation',
      [
        '{namespace="kube-system",pod="dns",container="dns",instance="n1",node="n1"} 0.25',
        '{namespace="shop",pod="web",container="app",instance="n1",node="n1"} 1',
      ],
    ],
    [
      'container_memory_allocation_bytes',
      [
        '{namespace="kube-system",pod="dns",container="dns",instance="n1",node="n1"} 1073741824',
        '{namespace="shop",pod="web",container="app",instance="n1",node="n1"} 4294967296',
      ],
    ],
    ['container_gpu_allocation', []],
    [
      'kubecost_pv_info',
      [
        '{persistentvolume="pv-1",storageclass="gp3",provider_id="vol-data"} 1',
        '{persistentvolume="pv-2",storageclass="gp3",provider_id="vol-spare"} 1',
      ],
    ],
    [
      'pod_pvc_allocation',
      ['{namespace="shop",pod="web",persistentvolumeclaim="data",persistentvolume="pv-1"} 107374182400'],
    ],
    ['kubecost_load_balancer_cost', ['{ingress_ip="203.0.113.7",namespace="shop",service_name="front"} 0.025']],
    ['kubecost_network_zone_egress_cost', [' 0.01']],
    ['kubecost_network_internet_egress_cost', [' 0.12']],
    ['kubecost_cluster_management_cost', ['{provisioner_name=""} 0']],
    ['kubetally_scraped_hour_timestamp_seconds', [` ${(SMALL_START + HOUR_MS) / 1_000}`]],
    [
      'kube_node_status_capacity',
      [
        '{node="n1",resource="cpu",unit="core"} 4',
        '{node="n1",resource="memory",unit="byte"} 17179869184',
        '{node="n2",resource="cpu",unit="core"} 2',
        '{node="n2",resource="memory",unit="byte"} 8589934592',
      ],
    ],
    [
      'kube_pod_container_resource_requests',
      [
        '{namespace="shop",pod="web",uid="u-web",container="app",node="n1",resource="cpu",unit="core"} 1',
        '{namespace="shop",pod="web",uid="u-web",container="app",node="n1",resource="memory",unit="byte"} 4294967296',
      ],
    ],
    [
      'kube_persistentvolume_capacity_bytes',
      ['{persistentvolume="pv-1"} 107374182400', '{persistentvolume="pv-2"} 10737418240'],
    ],
  ])('%s', async (name, want) => {
    expect(await lineOf(name)).toEqual(want.map((rest) => `${name}${rest}`));
  });

  test('prices are for a core, 2^30 bytes of RAM, and 2^30 bytes of a volume', async () => {
    const values = async (name: string) => (await lineOf(name)).map((line) => Number(line.split(' ').at(-1)));
    const [cpu = 0] = await values('node_cpu_hourly_cost');
    const [ram = 0] = await values('node_ram_hourly_cost');
    expect(4 * cpu + 16 * ram).toBeCloseTo(0.4, 10);
    expect(cpu / ram).toBeCloseTo(0.031611 / 0.004237, 6); // split as the book has it
    for (const price of await values('pv_hourly_cost')) expect(price).toBeCloseTo(0.04 / 730, 9);
  });

  test('the cluster is named, and the labels of its nodes are as kube-state-metrics has them', async () => {
    const [info = ''] = await lineOf('kubecost_cluster_info');
    expect(info).toContain(`id="${clusterId}",name="east",provider="AWS",`);
    expect((await lineOf('kube_node_labels'))[0]).toContain('label_eks_amazonaws_com_nodegroup="main"');
  });

  test('namespaces tell what they say of themselves, and services which pods they choose', async () => {
    expect(await lineOf('kube_namespace_labels')).toEqual([
      'kube_namespace_labels{namespace="shop",label_team="blue"} 1',
    ]);
    expect(await lineOf('kube_namespace_annotations')).toEqual([
      'kube_namespace_annotations{namespace="shop",annotation_contact="ann"} 1',
    ]);
    expect(await lineOf('service_selector_labels')).toEqual([
      'service_selector_labels{namespace="shop",service="front",label_app="web"} 1',
    ]);
  });
});

describe('which hour', () => {
  test('is the newest that is over; where there is none, the open one', async () => {
    const hour = async (at: number) => {
      now = at;
      return (await lineOf('kubetally_scraped_hour_timestamp_seconds')).map(
        (line) => Number(line.split(' ').at(-1)) * 1_000,
      );
    };
    expect(await hour(SMALL_START + HOURS * HOUR_MS)).toEqual([SMALL_START + HOUR_MS]);
    expect(await hour(SMALL_START + HOUR_MS + 30 * MINUTE_MS)).toEqual([SMALL_START]); // the second is open
    expect(await hour(SMALL_START + 30 * MINUTE_MS)).toEqual([SMALL_START]);
  });

  test('is never one that began more than three hours before this one: then there is no gauge at all', async () => {
    now = SMALL_START + (1 + 3) * HOUR_MS + 59 * MINUTE_MS;
    expect(await lineOf('node_total_hourly_cost')).toHaveLength(2);
    now += MINUTE_MS;
    const { status, text } = await get('/metrics?cluster=east');
    expect(status).toBe(200);
    expect(text).toBe('# nothing is known of the last 3 hours\n');
  });
});

describe('who may scrape', () => {
  test('the server’s own metrics are open as ever, whatever key comes with it', async () => {
    for (const headers of [{}, { authorization: 'Bearer of-something-else' }]) {
      const { status, text } = await get('/metrics', headers);
      expect(status).toBe(200);
      expect(text).toContain('kubetally_http_requests_total');
      expect(text).not.toContain('node_total_hourly_cost');
    }
  });

  test('a cluster takes a key that may read it, and names no other’s', async () => {
    const [stranger, writer, bound, elsewhere] = await Promise.all([
      server.key(await server.tenant(), ['read']),
      server.key(tenant, ['ingest']),
      server.key(tenant, ['read'], 'east'),
      server.key(tenant, ['read'], 'elsewhere'),
    ]);
    const f = async (url: string, secret: string | undefined, want: number) =>
      expect((await get(url, secret === undefined ? {} : { 'x-api-key': secret })).status, url).toBe(want);
    await f('/metrics?cluster=east', undefined, 401);
    await f('/metrics?cluster=', undefined, 401);
    await f('/metrics?cluster=east', 'nonsense', 401);
    await f('/metrics?cluster=east', writer, 403);
    await f('/metrics?cluster=east', stranger, 404);
    await f(`/metrics?cluster=${clusterId}`, stranger, 404);
    await f('/metrics?cluster=east', elsewhere, 404);
    await f('/metrics?cluster=nosuch', key, 404);
    await f('/metrics?cluster=', key, 400);
    await f('/metrics?cluster=east&cluster=west', key, 400);
    await f(`/metrics?cluster=${'x'.repeat(254)}`, key, 400);
    await f(`/metrics?cluster=${clusterId}`, key, 200);
    await f('/metrics?cluster=east', bound, 200);
    await f('/metrics?cluster=', bound, 200);
    expect((await get('/metrics?cluster=', { 'x-api-key': bound })).text).toContain('name="east"');
  });

  test('it is text as Prometheus reads it', async () => {
    expect((await get('/metrics?cluster=east')).type).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});
