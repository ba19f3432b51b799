import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../lib/clock.ts';
import { createFleet } from './fleet.ts';
import { kokuArchive, kokuReports } from './koku-report.ts';
import { truthOf } from './truth.ts';

const MONDAY = Date.UTC(2026, 0, 5);
const fleet = createFleet({ preset: 'small', seed: 3, start: MONDAY });
const window = { cluster: 'small', from: MONDAY, to: MONDAY + 2 * HOUR_MS };

/** Rows of a report as objects. */
function rowsOf(kind: string, columns: 19 | 20 = 20): Record<string, string>[] {
  const [, text = ''] =
    [...kokuReports(fleet, { ...window, columns }).files].find(([name]) => name.includes(kind)) ?? [];
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

test('an operator reports every pod and hour of the truth, to the microsecond of a core', () => {
  const rows = rowsOf('pod-usage');
  const truth = [0, 1].flatMap(
    (i) => truthOf(fleet, MONDAY + i * HOUR_MS, { grain: 'pod' }).clusters[0]?.containers ?? [],
  );
  expect(rows).toHaveLength(truth.length);
  for (const [index, pod] of truth.entries()) {
    const row = rows[index] ?? {};
    expect([row['node'], row['namespace'], row['pod']]).toEqual([pod.node, pod.namespace, pod.pod]);
    expect(BigInt((row['pod_usage_cpu_core_seconds'] ?? '').replace('.', ''))).toBe(pod.cpuUsage / 1_000_000n);
    expect(row['pod_usage_cpu_core_seconds']).toMatch(/^\d+\.\d{6}$/);
    expect(row['pod_request_cpu_core_seconds'] === '').toBe(pod.cpuRequest === 0n);
    expect(row['interval_start']).toMatch(/^2026-01-05 0[01]:00:00 \+0000 UTC$/);
    expect(row['pod_labels']).toMatch(/^label_app:[^|]+\|label_/);
  }
});

test('the old layout lacks the role of the node and nothing else', () => {
  const names = Object.keys(rowsOf('pod-usage', 20)[0] ?? {});
  expect(names).toHaveLength(20);
  expect(Object.keys(rowsOf('pod-usage', 19)[0] ?? {})).toEqual(names.filter((name) => name !== 'node_role'));
});

test('nodes, namespaces and claims are reported by the hour', () => {
  expect(new Set(rowsOf('node-usage').map((row) => row['interval_start'])).size).toBe(2);
  expect(rowsOf('node-usage')[0]?.['node_labels']).toContain('label_node_kubernetes_io_instance_type:m5.xlarge');
  expect(rowsOf('namespace-usage').map((row) => row['namespace'])).toContain('shop');
  expect(rowsOf('storage-usage')[0]).toMatchObject({
    namespace: 'data',
    persistentvolumeclaim_capacity_bytes: '21474836480.000000',
    persistentvolumeclaim_capacity_byte_seconds: '77309411328000.000000',
  });
});

test('an archive is the same to the byte each time, and its manifest comes last', async () => {
  const [first, second] = [
    await kokuArchive(fleet, { ...window, columns: 20 }),
    await kokuArchive(fleet, { ...window, columns: 20 }),
  ];
  expect(Buffer.compare(first, second)).toBe(0);
  const text = gunzipSync(first).toString('latin1');
  expect(text.lastIndexOf('manifest.json')).toBeGreaterThan(text.indexOf('-cm-openshift-storage-usage-'));
});
