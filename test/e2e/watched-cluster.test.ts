import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, openAdministration, openApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/load.ts';
import { ClusterCosts } from '../../src/contracts/costs.ts';
import { CollectorHealth } from '../../src/contracts/health.ts';
import { HOUR_MS, SECOND_MS, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { type KubernetesApiDouble, startKubernetesApi } from '../support/kubernetes-api.ts';
import { nodeObject, podObject } from '../support/kubernetes-objects.ts';
import { waitFor } from '../support/wait-for.ts';

/** The whole program, with a cluster that nothing but the watches reports. */

const surroundings = { clock: systemClock, log: createLogger({ level: 'silent' }) };

const dataDir = mkdtempSync(join(tmpdir(), 'kubetally-watched-'));
let api: KubernetesApiDouble;
let app: App;
let key = '';

beforeAll(async () => {
  api = await startKubernetesApi();
  api.put('nodes', nodeObject('n1', { annotations: { 'cluster.x-k8s.io/cluster-name': 'prod-1' } }));
  const config = parseConfig({
    dataDir,
    http: { host: '127.0.0.1', port: 0 },
    kubernetes: { enabled: true, kubeconfig: api.kubeconfig },
    rollup: { intervalMs: 100 },
  });
  const administration = await openAdministration(config, surroundings);
  const made = await administration.tenants.initialise({ tenantName: 'default' });
  key = `${made.key.keyId}:${made.key.secret}`;
  await administration.close();
  app = await openApp(config, surroundings);
}, 60_000);

afterAll(async () => {
  await app.close();
  await api.close();
  rmSync(dataDir, { recursive: true });
});

test('GET /health tells when all four watchers have seen their objects', async () => {
  const health = await waitFor(async () => {
    const response = await fetch(`${app.url}/health`);
    const body = CollectorHealth.parse(await response.json());
    return body.all_watchers_ready && body;
  });
  expect(health).toEqual({
    status: 'healthy',
    debug_k8s_api: false,
    watchers_initialized: { nodes: true, pods: true, pvcs: true, pvs: true },
    all_watchers_ready: true,
  });
});

test('a cluster that only its own API tells of has costs, under the name that its nodes give', async () => {
  const startedAt = Math.floor(systemClock.now() / SECOND_MS) * SECOND_MS - HOUR_MS;
  api.put('pods', podObject({ containers: [{ cpu: '2', state: { running: startedAt } }] }));
  const cost = await waitFor(
    async () => {
      const response = await fetch(`${app.url}/v1/costs/clusters`, { headers: { 'X-Api-Key': key } });
      const { costs } = ClusterCosts.parse(await response.json());
      return costs.find((one) => one.cluster_name === 'prod-1' && Number(one.cost.cpu) > 0);
    },
    { timeoutMs: 30_000, what: 'costs of the cluster' },
  );
  expect(cost.total_cpu_request_millicores).toBeGreaterThan(0);
}, 40_000);
