import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterLife, clusterLife, lifeWindow, type SeenPod, type Sight } from '../support/cluster-life.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { agentBody, postsOf, type SourcePost } from '../support/source-posts.ts';
import { newTenant } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;
const NOTHING = { cpuUsage: null, cpuRequest: null, memoryUsage: null, memoryRequest: null };

test(
  'law 6: amounts of a pod that lists its containers, and totals of a namespace, are never added to what they contain',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLife(), async (life) => {
        const [leaves, levels] = [await newTenant(server), await newTenant(server)];
        const agent: ClusterLife = { ...life, source: 'agent' };
        await leaves.send(postsOf(withPods(agent, leavesOnly)));
        await levels.send(agent.sights.map((sight) => postWithTotals(agent.name, sight)));
        await server.roll();
        expect(await levels.answers(lifeWindow())).toEqual(await leaves.answers(lifeWindow()));
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

test(
  'law 6: a pod that a source sees now whole and now by its containers is charged for one of them at a time',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLife(), async (life) => {
        const [whole, changing] = [await newTenant(server), await newTenant(server)];
        // One container that is all of its pod: seen either way, the pod holds the same.
        const parts = (pod: SeenPod) => ({ ...pod, containers: [] });
        await whole.send(postsOf(withPods(life, parts)));
        await changing.send(
          postsOf(
            withPods(life, (pod, tick) =>
              tick % 2 === 0 ? parts(pod) : { ...pod, containers: [{ name: 'only', ...pod.amounts }] },
            ),
          ),
        );
        await server.roll();
        const [expected, found] = [await whole.answers(lifeWindow()), await changing.answers(lifeWindow())];
        // Each of the two rows is cut off below at a pico-dollar by itself.
        const cents = ({ namespaces }: typeof found) =>
          Object.fromEntries(namespaces.costs.map((row) => [row.namespace, row.estimated_cost_usd?.toFixed(9)]));
        expect(cents(found)).toEqual(cents(expected));
        expect(found.namespaces.total).toEqual(expected.namespaces.total);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  },
  TIMEOUT_MS,
);

function withPods(life: ClusterLife, change: (pod: SeenPod, tick: number) => SeenPod): ClusterLife {
  const sights = life.sights.map((sight, tick) => ({ ...sight, pods: sight.pods.map((pod) => change(pod, tick)) }));
  return { ...life, sights };
}

function leavesOnly(pod: SeenPod): SeenPod {
  return pod.containers.length === 0 ? pod : { ...pod, amounts: NOTHING };
}

/** As agents post: with each namespace's total among the pods, and once more beside them. */
function postWithTotals(cluster: string, sight: Sight): SourcePost {
  const body = agentBody(cluster, sight);
  const namespaces = [...new Set(sight.pods.map(({ namespace }) => namespace))];
  const total = { cpu_usage_millicores: 2_000, memory_usage_bytes: 2 ** 31 };
  const totals = namespaces.map((namespace) => ({
    pod_name: '__aggregate__',
    namespace,
    node_name: 'node-0',
    ...total,
  }));
  const costs = namespaces.map((namespace) => [
    namespace,
    { namespace, pod_count: 3, total_cpu_millicores: 2_000, total_memory_bytes: 2 ** 31, estimated_cost_usd: 7 },
  ]);
  return {
    route: '/v1/ingest',
    body: { ...body, pod_metrics: [...body.pod_metrics, ...totals], namespace_costs: Object.fromEntries(costs) },
  };
}
