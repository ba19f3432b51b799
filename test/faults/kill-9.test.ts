import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consolePrincipal } from '../../src/access/principal.ts';
import { openAdministration } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { podUtilization } from '../../src/contracts/cost-routes.ts';
import { LIMIT_MAX } from '../../src/contracts/costs.ts';
import { serviceHealth } from '../../src/contracts/health.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { freeTestPort, type Program, startProgram } from '../support/program.ts';
import { sendersWindow, sendUntil } from '../support/senders.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { newTenant, openTenantLab, queryOf, type TenantLab } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

const KILLS = 3;
const SENDERS = 6;
/** Acknowledged before each kill, so that there is always something to lose. */
const POSTS_BETWEEN = 40;
const KILL_DELAY_MS_MAX = 150;
const CLUSTERS = Array.from({ length: SENDERS }, (_, index) => `sender-${index}`);

let dataDir = '';
let program: Program | undefined;
let reference: TestServer;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kubetally-kill-'));
  reference = await startTestServer();
});
afterAll(async () => {
  await program?.kill();
  await reference.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('law 5: what was acknowledged is in the answers however often the server is killed under load, and nothing twice', async () => {
  const key = await keyFor(dataDir);
  const port = await freeTestPort();
  program = await startProgram({ dataDir, port });
  const { url } = program;
  let acknowledgedCount = 0;
  const stop = new AbortController();
  const onAcknowledged = () => {
    acknowledgedCount += 1;
  };
  const sending = Promise.all(CLUSTERS.map((cluster) => sendUntil(stop.signal, { url, key, cluster, onAcknowledged })));
  const moreThan = (count: number) =>
    waitFor(() => acknowledgedCount > count, { timeoutMs: 30_000, what: 'progress of the senders' });
  for (let kill = 0; kill < KILLS; kill += 1) {
    await moreThan(acknowledgedCount + POSTS_BETWEEN);
    await pause(Math.random() * KILL_DELAY_MS_MAX);
    await program.kill();
    const before = acknowledgedCount;
    program = await startProgram({ dataDir, port });
    await moreThan(before);
  }
  stop.abort();
  const results = await sending;
  const refusals = new Set(results.flatMap((result) => [...result.refusals]));
  expect([...refusals].filter((status) => status !== null && status !== 503)).toEqual([]);

  const kept = openTenantLab({ url, key });
  const once = await newTenant(reference);
  await Promise.all(results.map(({ acknowledged }) => once.send(acknowledged)));
  await reference.roll();
  await freshSince(kept, Date.now());
  expect(await ledgerOf(kept)).toEqual(await ledgerOf(once));
  expect((await podsOf(once)).length).toBe(acknowledgedCount);
}, 180_000);

async function keyFor(folder: string): Promise<string> {
  const surroundings = { clock: systemClock, log: createLogger({ level: 'silent' }) };
  const administration = await openAdministration(parseConfig({ dataDir: folder }), surroundings);
  try {
    const { tenant } = await administration.tenants.initialise({ tenantName: 'default' });
    const by = consolePrincipal(tenant.id);
    const issued = await administration.keys.create(by, { name: 'senders', scopes: ['ingest', 'read'] });
    return `${issued.keyId}:${issued.secret}`;
  } finally {
    await administration.close();
  }
}

async function freshSince({ client }: TenantLab, at: number): Promise<void> {
  const isFresh = async () => {
    const { ledger } = await client.call(serviceHealth, {});
    return ledger.fresh_as_of !== null && Date.parse(ledger.fresh_as_of) > at;
  };
  await waitFor(isFresh, { timeoutMs: 60_000, what: 'the ledger’s catching up' });
}

async function ledgerOf(tenant: TenantLab) {
  const { pods: _, ...answers } = await tenant.answers(sendersWindow()); // more pods than a page has
  return { ...answers, pods: await podsOf(tenant) };
}

async function podsOf({ client }: TenantLab): Promise<string[]> {
  const query = { ...queryOf(sendersWindow()), limit: LIMIT_MAX };
  const pods: string[] = [];
  for (const cluster of CLUSTERS) {
    for (let offset = 0, length = LIMIT_MAX; length === LIMIT_MAX; offset += length) {
      const { metrics } = await client.call(podUtilization, { query: { ...query, cluster, offset } });
      pods.push(...metrics.map((pod) => `${cluster} ${pod.pod_name} ${pod.run_hours} ${pod.cost.total}`));
      length = metrics.length;
    }
  }
  return pods.toSorted();
}
