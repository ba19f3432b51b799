import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consolePrincipal } from '../../src/access/principal.ts';
import { type App, openApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { numberedPost, sendersWindow, statusOf } from '../support/senders.ts';
import { openTenantLab } from '../support/tenant-lab.ts';
import { waitFor } from '../support/wait-for.ts';

let dataDir = '';
let app: App;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kubetally-engine-killed-'));
  const config = parseConfig({
    dataDir,
    http: { host: '127.0.0.1', port: 0 },
    intake: { groupDelayMs: 5 },
    rollup: { intervalMs: 100 },
  });
  app = await openApp(config, { clock: systemClock, log: createLogger({ level: 'silent' }) });
});
afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('while the engine is away posts are refused with 503; it comes back by itself, and nothing acknowledged is lost', async () => {
  const { tenant } = await app.access.tenants.initialise({ tenantName: 'default' });
  const by = consolePrincipal(tenant.id);
  const issued = await app.access.keys.create(by, { name: 'senders', scopes: ['ingest', 'read'] });
  const sender = { url: app.url, key: `${issued.keyId}:${issued.secret}` };
  expect(await statusOf(sender, numberedPost('east', 0))).toBe(202);

  process.kill(app.enginePid ?? 0, 'SIGKILL');
  expect(await statusOf(sender, numberedPost('east', 1))).toBe(503);
  await waitFor(async () => (await statusOf(sender, numberedPost('east', 2))) === 202, { timeoutMs: 30_000 });

  const after = Date.now();
  await waitFor(() => (app.freshAsOf() ?? 0) > after, { timeoutMs: 30_000, what: 'the ledger’s catching up' });
  const { pods } = await openTenantLab(sender).answers(sendersWindow());
  expect(pods.metrics.map(({ pod_name }) => pod_name)).toEqual(expect.arrayContaining(['pod-0', 'pod-2']));
});
