import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createClient } from '../../src/client/client.ts';
import { OPENCOST_ALLOCATIONS } from '../../src/contracts/opencost.ts';
import { MINUTE_MS } from '../../src/lib/clock.ts';
import { hasOracle, ORACLE, readOracle } from '../support/opencost-oracle.ts';
import { containerSample, nodeSample } from '../support/samples.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const START = Date.UTC(2026, 0, 1);

const Series = z.array(z.object({ Value: z.number() }).nullable());
const Table = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      cd: z.object({ CPUReq: Series, CPUUsed: Series, RAMReq: Series, RAMUsed: Series }),
      expectedCPUAllocation: Series,
      expectedRAMAllocation: Series,
    }),
  ),
});
const first = (series: z.infer<typeof Series>) => series[0]?.Value ?? null;

/**
 * A pod for each row, with what the row says in each sample of an hour. Rows whose request and usage were read some seconds
 * apart are as the others here: a sample has both.
 */
describe.skipIf(!hasOracle)(`${ORACLE}: container_allocation_max`, () => {
  let server: TestServer;
  const rows = hasOracle ? readOracle('container_allocation_max', Table).cases : [];

  beforeAll(async () => {
    server = await startTestServer();
  }, 60_000);
  afterAll(() => server.close());

  test('a container holds what it asks for or what it uses, whichever is more', async () => {
    const tenant = await server.tenant();
    const { id: cluster } = await server.deps.clusters.resolve(tenant, 'east', START);
    const nano = (value: number | null) => (value === null ? null : Math.round(value * 1e9));
    const ats = Array.from({ length: 12 }, (_, beat) => START + beat * 5 * MINUTE_MS);
    const nodes = ats.map((at) => nodeSample({ at, node: 'n1', cpuCapacity: 32e9, memoryCapacity: 2 ** 37 }));
    const containers = rows.flatMap(({ cd }, pod) =>
      ats.map((at) =>
        containerSample({
          at,
          pod: `row-${pod}`,
          container: 'app',
          node: 'n1',
          cpuRequest: nano(first(cd.CPUReq)),
          cpuUsage: nano(first(cd.CPUUsed)),
          memoryRequest: first(cd.RAMReq),
          memoryUsage: first(cd.RAMUsed),
        }),
      ),
    );
    await server.deps.intake.accept({ tenant, cluster }, { source: 'kubernetes', nodes, containers });
    await server.roll();
    const client = createClient({ url: server.url, key: await server.key(tenant, ['read']) });
    const query = { window: '2026-01-01T00:00:00Z,2026-01-01T01:00:00Z', aggregate: 'pod' };
    const reply = await client.call(OPENCOST_ALLOCATIONS[0], { query });
    if (reply.status === 'error') throw new Error(reply.message);
    for (const [pod, { name, expectedCPUAllocation, expectedRAMAllocation }] of rows.entries()) {
      const held = reply.data[0]?.[`row-${pod}`];
      expect(held?.cpuCores ?? 0, name).toBeCloseTo(first(expectedCPUAllocation) ?? 0, 5);
      expect(held?.ramBytes ?? 0, name).toBeCloseTo(first(expectedRAMAllocation) ?? 0, 0);
    }
  }, 60_000);
});
