import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type LabelSet, type PointBlock, toSeries } from '../../src/core/series.ts';
import { HOUR_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';

/**
 * What a cost-management operator makes of an hour of a real Prometheus, and what the ledger makes of the same values: the
 * operator adds up its samples and multiplies by their distance; the ledger integrates series.
 */

const FIXTURES = new URL('../../../shared/fixtures/koku-operator/', import.meta.url);
const present = existsSync(FIXTURES);
const HOUR = Date.UTC(2020, 10, 6, 18);

const Result = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.tuple([z.number(), z.coerce.number()])),
});
type Result = z.infer<typeof Result>;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

test.skipIf(!present)(
  '(needs ../shared/fixtures) an hour of a real Prometheus has the core-seconds and byte-seconds that its operator reported',
  async () => {
    const tenant = await lab.tenant();
    const cluster = await lab.cluster(tenant, 'operator');
    const batch = { source: 'prometheus', containers: [], nodes: [], points: pointsOf(recorded()) } as const;
    await lab.put({ tenant, cluster }, batch);
    await lab.roll();

    const pods = await ledgerOf(tenant);
    const reports = reportRows('cm-openshift-pod-usage-202011.csv');
    expect(pods.size).toBe(reports.length);
    for (const report of reports) {
      const found = pods.get(`${report['namespace']}/${report['pod']}/${report['node']}`);
      const f = (amount: keyof Ledger, column: string) =>
        expect(found?.[amount], `${report['namespace']}/${report['pod']} ${amount}`).toBeCloseTo(
          Number(report[column]),
          3,
        );
      f('cpuUsage', 'pod_usage_cpu_core_seconds');
      f('cpuRequest', 'pod_request_cpu_core_seconds');
      f('ramUsage', 'pod_usage_memory_byte_seconds');
      f('ramRequest', 'pod_request_memory_byte_seconds');
    }
  },
);

/** The operator's query results, as the series they were made from. */
function recorded(): Result[] {
  const request = (resource: string) => ({ __name__: 'kube_pod_container_resource_requests', resource });
  const capacity = (resource: string) => ({ __name__: 'kube_node_status_capacity', resource });
  return [
    ...read('pod-usage-cpu-cores', { __name__: 'container_cpu_usage_seconds_total' }).map(countedUp),
    ...read('pod-usage-memory-bytes', { __name__: 'container_memory_working_set_bytes' }),
    ...read('pod-request-cpu-cores', request('cpu')),
    ...read('pod-request-memory-bytes', request('memory')),
    ...read('node-capacity-cpu-cores', capacity('cpu'), 'node'),
    ...read('node-capacity-memory-bytes', capacity('memory'), 'node'),
  ];
}

function read(name: string, labels: LabelSet, only?: string): Result[] {
  const text = readFileSync(new URL(`prometheus_results/${name}.json`, FIXTURES), 'utf8');
  return z
    .array(Result)
    .parse(JSON.parse(text))
    .map(({ metric, values }) => ({
      metric: only ? { [only]: metric[only] ?? '', ...labels } : { ...metric, container: 'all', ...labels },
      values,
    }));
}

/** A rate over each minute, as the counter that grows by it. */
function countedUp({ metric, values }: Result): Result {
  let total = 0;
  const counted = values.map(([at, rate], i): [number, number] => {
    const point: [number, number] = [at, total];
    total += rate * ((values[i + 1]?.[0] ?? at + 60) - at);
    return point;
  });
  return { metric, values: [...counted, [(values.at(-1)?.[0] ?? 0) + 60, total]] };
}

function pointsOf(results: readonly Result[]): PointBlock {
  const told = results.map(({ metric, values }) => ({ series: toSeries(metric), values }));
  const flat = told.flatMap(({ series, values }) => values.map(([at, value]) => ({ id: series.id, at, value })));
  return {
    series: told.map(({ series }) => series),
    ids: BigUint64Array.from(flat, ({ id }) => id),
    ats: BigInt64Array.from(flat, ({ at }) => BigInt(at * SECOND_MS)),
    values: Float64Array.from(flat, ({ value }) => value),
  };
}

interface Ledger {
  readonly cpuUsage: number;
  readonly cpuRequest: number;
  readonly ramUsage: number;
  readonly ramRequest: number;
}

async function ledgerOf(tenant: string): Promise<Map<string, Ledger>> {
  const row = z.object({
    name: z.string(),
    cu: z.coerce.number(),
    cr: z.coerce.number(),
    ru: z.coerce.number(),
    rr: z.coerce.number(),
  });
  const rows = await lab.columnar.rows({
    sql: `SELECT concat(namespace, '/', pod, '/', node) AS name, cpu_usage_core_seconds AS cu, cpu_request_core_seconds AS cr,
        ram_usage_byte_seconds AS ru, ram_request_byte_seconds AS rr
      FROM container_hours FINAL
      WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC') AND NOT withdrawn AND pod != ''`,
    params: { tenant, hour_s: (HOUR / HOUR_MS) * 3_600 },
    row,
  });
  return new Map(
    rows.map(({ name, cu, cr, ru, rr }) => [name, { cpuUsage: cu, cpuRequest: cr, ramUsage: ru, ramRequest: rr }]),
  );
}

function reportRows(name: string): Record<string, string>[] {
  const text = readFileSync(new URL(`expected_reports/${name}`, FIXTURES), 'utf8');
  const [header = '', ...lines] = text.trim().split('\n');
  const columns = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i] ?? '', cell])));
}
