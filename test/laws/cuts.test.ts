import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterCosts, costTrends, namespaceCosts, podUtilization } from '../../src/contracts/cost-routes.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { formatMoney, parseMoney } from '../../src/lib/money.ts';
import { type ClusterLife, clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { type Answers, newTenant, queryOf, sumMoney, sumOf, type TenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;

const window = lifeWindow();
/** Longer than any life, so that cuts fall before, into and after it. */
const CUTS_WITHIN_MINUTES = 240;
const LEFT_OVER = new Set(['__idle__', '__overcommit__']);

const cuts = fc.record({
  minutes: fc.uniqueArray(fc.integer({ min: -60, max: CUTS_WITHIN_MINUTES }), { minLength: 1, maxLength: 4 }),
  pageSize: fc.integer({ min: 1, max: 3 }),
});

test(
  'law 2: a total is the same by namespace, cluster, pod, hour, day and week, in parts of the window and on pages',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, cuts, async (lives, { minutes, pageSize }) => {
        const tenant = await newTenant(server);
        await tenant.send(lives.flatMap(postsOf));
        await server.roll();
        const whole = await tenant.answers(window); // of whole days: their own sums
        const total = whole.namespaces.total.total;
        for (const [name, found] of totalsOf(whole)) expect(found, name).toBe(total);

        const edges = [window.start, ...cutsNear(lives, minutes), window.end];
        const parts = await Promise.all(edges.slice(1).map((end, index) => partOf(tenant, edges[index] ?? 0, end)));
        expect(formatMoney(sumMoney(parts)), 'parts of the window').toBe(total);
        expect(await byFilter(tenant, whole), 'one namespace or cluster at a time').toEqual([total, total]);
        expect(await byPage(tenant, pageSize), 'pages').toEqual([total, total, podTotal(whole)]);
      }),
      { numRuns: 8 },
    );
  },
  TIMEOUT_MS,
);

/** Instants of the window, at so many minutes from when the first cluster was first seen. */
function cutsNear([life]: readonly ClusterLife[], minutes: readonly number[]): number[] {
  const seenAt = life?.sights[0]?.at ?? window.start;
  return minutes
    .map((minute) => seenAt + minute * MINUTE_MS)
    .filter((at) => at > window.start && at < window.end)
    .toSorted((a, b) => a - b);
}

function totalsOf({ namespaces, clusters, hourly, daily, weekly }: Answers): [string, string][] {
  return [
    ['rows by namespace', formatMoney(sumOf(namespaces.costs))],
    ['by cluster', clusters.total.total],
    ['rows by cluster', formatMoney(sumOf(clusters.costs))],
    ...[hourly, daily, weekly].flatMap(({ interval, total, trends }): [string, string][] => [
      [interval, total.total],
      [`points ${interval}`, formatMoney(sumOf(trends))],
    ]),
  ];
}

/** The namespaces' cost but for what nobody was charged: what the pods must add up to. */
function podTotal({ namespaces }: Answers): string {
  return formatMoney(sumOf(namespaces.costs.filter(({ namespace }) => !LEFT_OVER.has(namespace))));
}

async function partOf({ client }: TenantLab, start: number, end: number) {
  const { total } = await client.call(namespaceCosts, { query: queryOf({ start, end }) });
  return parseMoney(total.total);
}

async function byFilter({ client }: TenantLab, { namespaces, clusters }: Answers): Promise<string[]> {
  const times = queryOf(window);
  const ofNamespaces = await Promise.all(
    namespaces.costs.map(({ namespace }) => client.call(costTrends, { query: { ...times, namespace } })),
  );
  const ofClusters = await Promise.all(
    clusters.costs.map(({ cluster_name: cluster }) => client.call(namespaceCosts, { query: { ...times, cluster } })),
  );
  return [ofNamespaces, ofClusters].map((answers) =>
    formatMoney(sumMoney(answers.map(({ total }) => parseMoney(total.total)))),
  );
}

/** The rows of all pages together, by namespace, by cluster and by pod. */
async function byPage({ client }: TenantLab, limit: number): Promise<string[]> {
  const query = (offset: number) => ({ ...queryOf(window), limit, offset });
  const sums = [
    async (offset: number) => (await client.call(namespaceCosts, { query: query(offset) })).costs,
    async (offset: number) => (await client.call(clusterCosts, { query: query(offset) })).costs,
    async (offset: number) => (await client.call(podUtilization, { query: query(offset) })).metrics,
  ].map(async (read) => {
    const pages = [];
    for (let page = await read(0); page.length > 0; page = await read(pages.length * limit)) pages.push(sumOf(page));
    return formatMoney(sumMoney(pages));
  });
  return Promise.all(sums);
}
