import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { factBatch, nodeFact } from '../../../test/support/facts.ts';
import { startTestServer, type TestServer } from '../../../test/support/server.ts';
import { createClient } from '../../client/client.ts';
import { type NodeReportQuery, nodeReport } from '../../contracts/node-report.ts';
import type { HourFact } from '../../core/hour-facts.ts';
import { DAY_MS, HOUR_MS } from '../../lib/clock.ts';

const DAY = Date.UTC(2026, 4, 17);
const NOW = DAY + 2 * DAY_MS;
const WINDOW = '2026-05-17,2026-05-19';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ deps: { clock: { now: () => NOW } } });
});
afterAll(() => server.close());

/** A tenant whose clusters have told these facts. */
async function fleet(clusters: Readonly<Record<string, readonly HourFact[]>>) {
  const tenant = await server.tenant();
  const key = await server.key(tenant, ['read']);
  for (const [name, facts] of Object.entries(clusters)) {
    const cluster = (await server.deps.clusters.resolve(tenant, name, NOW)).id;
    await server.deps.intake.accept({ tenant, cluster }, factBatch(facts));
  }
  const client = createClient({ url: server.url, key });
  const ask = (query: Partial<NodeReportQuery> = {}) =>
    client.call(nodeReport, { query: { window: WINDOW, ...query } });
  return { tenant, ask };
}

const at = (hour: number) => DAY + hour * HOUR_MS;

const TWO_CLUSTERS = {
  east: [
    nodeFact(at(0), { node: 'a', cores: 4, labels: { team: 'red' } }),
    nodeFact(at(1), { node: 'a', cores: 4, labels: { team: 'red' } }),
    nodeFact(at(1), { node: 'b', cores: 8, labels: { team: 'blue' } }),
    nodeFact(at(24), { node: 'c', cores: 2, texts: { node_role: 'master' } }),
  ],
  west: [nodeFact(at(1), { node: 'a', cores: 16 })],
};

test('vCPU-hours, peaks and nodes are counted by day, cluster, type and label', async () => {
  const { ask } = await fleet(TWO_CLUSTERS);
  const f = async (query: Partial<NodeReportQuery>, want: unknown[][]) => {
    const { nodes } = await ask(query);
    const rows = nodes.map((row) => [
      [row.date, row.cluster_name, row.node_type, row.label].filter((part) => part !== null).join(' '),
      row.vcpu_hours,
      row.peak_vcpus,
      row.peak_nodes,
      row.node_count,
    ]);
    expect(new Set(rows.map(textOf)), JSON.stringify(query)).toEqual(new Set(want.map(textOf)));
  };
  await f({}, [
    ['2026-05-17 east worker', 16, 12, 2, 2],
    ['2026-05-17 west worker', 16, 16, 1, 1],
    ['2026-05-18 east master', 2, 2, 1, 1],
  ]);
  await f({ step: 'window', group_by: 'cluster' }, [
    ['east', 18, 12, 2, 3],
    ['west', 16, 16, 1, 1],
  ]);
  await f({ group_by: 'node_type', step: 'window' }, [
    ['master', 2, 2, 1, 1],
    ['worker', 32, 28, 3, 3], // three nodes at once: two clusters have an `a` each
  ]);
  await f({ group_by: 'label:label_team', cluster: 'east', step: 'window' }, [
    ['', 2, 2, 1, 1],
    ['blue', 8, 8, 1, 1],
    ['red', 8, 4, 1, 1],
  ]);
});

test('the peak is named with its first hour, and every answer tells what it knows of the window', async () => {
  const { ask } = await fleet({ east: TWO_CLUSTERS.east });
  const { nodes, total, coverage, start_time, end_time, group_by } = await ask({ step: 'window', group_by: 'cluster' });
  expect(nodes[0]).toMatchObject({ peak_vcpus: 12, peak_at: '2026-05-17T01:00:00.000Z' });
  expect(total).toEqual({ vcpu_hours: 18, node_hours: 4 });
  expect(group_by).toEqual(['cluster']);
  expect([start_time, end_time]).toEqual(['2026-05-17T00:00:00.000Z', '2026-05-19T00:00:00.000Z']);
  expect(coverage).toEqual({
    hours_asked: 48,
    hours_covered: 3,
    ratio: 3 / 48,
    clusters: [{ cluster_name: 'east', hours_covered: 3, ratio: 3 / 48, sources: ['koku'] }],
  });
});

test('totals do not depend on how they are grouped, stepped, paged or how the window is split', async () => {
  const fact = fc
    .record({ hour: fc.nat(47), node: fc.constantFrom('a', 'b', 'c'), cores: fc.integer({ min: 1, max: 64 }) })
    .map(({ hour, node, cores }) =>
      nodeFact(at(hour), { node, cores, texts: { node_role: node }, labels: { team: `t${cores % 3}` } }),
    );
  const facts = fc.uniqueArray(fact, { minLength: 1, maxLength: 40, selector: ({ hour, node }) => `${hour} ${node}` });
  await fc.assert(
    fc.asyncProperty(facts, facts, fc.nat(48), async (east, west, cut) => {
      const { ask } = await fleet({ east, west });
      const cores = [...east, ...west].map(({ amounts }) => (amounts.cpu_capacity_ucores ?? 0) / 1e6);
      const want = { vcpu_hours: cores.reduce((sum, one) => sum + one, 0), node_hours: cores.length };
      for (const group_by of ['cluster', 'node_type', 'label:team', 'cluster,node_type,label:team']) {
        for (const step of ['day', 'window'] as const) {
          const { total, nodes, pagination } = await ask({ group_by, step, limit: 1_000 });
          expect(total).toEqual(want);
          expect(nodes.reduce((sum, row) => sum + row.vcpu_hours, 0)).toBe(want.vcpu_hours);
          expect(pagination.total).toBe(nodes.length);
          const second = await ask({ group_by, step, limit: 2, offset: 1 });
          expect(second.nodes).toEqual(nodes.slice(1, 3));
          expect(second.total).toEqual(want);
        }
      }
      const [first, second] = [`2026-05-17,${iso(at(cut))}`, `${iso(at(cut))},2026-05-19`];
      const parts = await Promise.all([first, second].filter(notEmpty).map((window) => ask({ window })));
      expect(parts.reduce((sum, { total }) => sum + total.vcpu_hours, 0)).toBe(want.vcpu_hours);
    }),
    { numRuns: 8 },
  );
});

const textOf = (row: unknown) => JSON.stringify(row);
const iso = (instant: number) => new Date(instant).toISOString();
const notEmpty = (window: string) => {
  const [start = '', end = ''] = window.split(',');
  return Date.parse(start) < Date.parse(end);
};

test('what cannot be asked is refused with its field', async () => {
  const { ask } = await fleet(TWO_CLUSTERS);
  const f = (query: Partial<NodeReportQuery>, words: RegExp) =>
    expect(ask(query), JSON.stringify(query)).rejects.toThrow(words);
  await f({ group_by: 'namespace' }, /group_by/);
  await f({ group_by: 'label:a,label:b' }, /at most one/);
  await f({ group_by: '' }, /group_by/);
  await f({ window: 'forever' }, /cannot be read/);
  await f({ start_time: '2026-05-17T00:00:00Z' }, /not both/);
  await f({ cluster: 'north' }, /no cluster named "north"/);
  await f({ window: '2010-01-01,2026-01-01' }, /at most 800/);
});

test('another tenant’s nodes are neither listed nor counted', async () => {
  await fleet(TWO_CLUSTERS);
  const { ask } = await fleet({ east: [] });
  expect(await ask()).toMatchObject({ nodes: [], total: { vcpu_hours: 0 }, pagination: { total: 0 } });
  await expect(ask({ cluster: 'west' })).rejects.toMatchObject({ status: 404 });
});
