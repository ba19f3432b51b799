import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES } from '../../src/contracts/routes.ts';
import { type ClusterLife, clusterLife, lifeWindow } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { newTenant, openTenantLab } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const SECRET = 'victim';

test(
  'law 8: tenants whose clusters and pods bear the same names get the answers that each would get alone',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLife('east'), clusterLife('east'), async (one, other) => {
        const [first, second, alone] = [await newTenant(server), await newTenant(server), await newTenant(server)];
        const [posts, others] = [postsOf(one), postsOf(other)];
        for (let index = 0; index < Math.max(posts.length, others.length); index += 1) {
          await first.send(posts.slice(index, index + 1));
          await second.send(others.slice(index, index + 1));
        }
        await alone.send(posts);
        await server.roll();
        expect(await first.answers(lifeWindow())).toEqual(await alone.answers(lifeWindow()));
      }),
      { numRuns: 6 },
    );
  },
  TIMEOUT_MS,
);

test(
  'law 8: no route, filter or page shows anything of another tenant, to any key of one’s own',
  async () => {
    const tenantId = await server.tenant();
    const victim = openTenantLab({ url: server.url, key: await server.key(tenantId, ['ingest', 'read', 'admin']) });
    const life = fc.sample(clusterLife(`${SECRET}-cluster`), { numRuns: 20, seed: 8 }).find(hasPods);
    if (!life) throw new Error('no life with pods');
    await victim.send(postsOf(renamed(life)));
    await server.roll();
    const shown = await victim.answers(lifeWindow());
    expect(shown.pods.metrics.some(({ pod_name }) => pod_name.includes(SECRET))).toBe(true);

    const stranger = await server.key(await server.tenant(), ['ingest', 'read', 'admin']);
    const times = `start_time=${new Date(lifeWindow().start).toISOString()}&end_time=${new Date(lifeWindow().end).toISOString()}`;
    const questions = ROUTES.filter(({ method }) => method === 'GET').flatMap(({ url }) => [
      url,
      `${url}?${times}`,
      `${url}?${times}&cluster=${SECRET}-cluster`,
      `${url}?${times}&namespace=${SECRET}-shop`,
      `${url}?${times}&limit=1&offset=1`,
      `${url}?tenant_id=${tenantId}`,
    ]);
    for (const url of questions) {
      const response = await server.app.inject({ method: 'GET', url, headers: { 'x-api-key': stranger } });
      // What was asked for may be repeated in a refusal; anything else of the victim may not be there at all.
      const told = response.statusCode < 400 ? response.body : response.body.replaceAll(`${SECRET}-cluster`, '');
      expect(told, url).not.toContain(SECRET);
      expect(response.statusCode < 400 ? response.body : '', url).not.toContain(tenantId);
    }
  },
  TIMEOUT_MS,
);

function hasPods({ sights }: ClusterLife): boolean {
  return sights.some(({ pods }) => pods.length > 0);
}

function renamed(life: ClusterLife): ClusterLife {
  const rename = (text: string) => `${SECRET}-${text}`;
  const sights = life.sights.map(({ at, nodes, pods }) => ({
    at,
    nodes: nodes.map((node) => ({ ...node, name: rename(node.name) })),
    pods: pods.map((pod) => ({
      ...pod,
      name: rename(pod.name),
      namespace: rename(pod.namespace),
      node: rename(pod.node),
    })),
  }));
  return { ...life, sights };
}
