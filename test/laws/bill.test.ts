import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatMoney } from '../../src/lib/money.ts';
import { clusterLives, lifeWindow } from '../support/cluster-life.ts';
import { expectedNodeCost } from '../support/expected-nodes.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { postsOf } from '../support/source-posts.ts';
import { newTenant, sumMoney, sumOf } from '../support/tenant-lab.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const TIMEOUT_MS = 180_000;

test(
  'law 1: charges, idle and overcommitment add up to what the nodes cost, to the last digit',
  async () => {
    await fc.assert(
      fc.asyncProperty(clusterLives, async (lives) => {
        const tenant = await newTenant(server);
        await tenant.send(lives.flatMap(postsOf));
        await server.roll();
        const { namespaces, clusters } = await tenant.answers(lifeWindow());
        const expected = formatMoney(sumMoney(lives.map(expectedNodeCost)));
        expect(formatMoney(sumOf(namespaces.costs))).toBe(expected);
        expect(formatMoney(sumOf(clusters.costs))).toBe(expected);
        for (const life of lives) {
          const cluster = clusters.costs.find(({ cluster_name }) => cluster_name === life.name);
          expect(cluster?.cost.total ?? '0').toBe(formatMoney(expectedNodeCost(life)));
        }
      }),
      { numRuns: 8 },
    );
  },
  TIMEOUT_MS,
);
