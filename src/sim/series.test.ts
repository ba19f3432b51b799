import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { createFleet } from './fleet.ts';
import { seriesAt } from './series.ts';
import type { SeriesPoint } from './series-point.ts';
import { truthOf } from './truth.ts';

const START = Date.UTC(2026, 0, 5, 9);
const fleet = createFleet({ preset: 'small', seed: 1, start: START, alignMs: 30 * SECOND_MS });
const at = START + 40 * MINUTE_MS;
const scrape = (instant: number) => [...seriesAt(fleet, { cluster: 'small', at: instant })];
const keyOf = ({ labels }: SeriesPoint) => JSON.stringify(labels);
const valuesOf = (points: SeriesPoint[], metric: string) =>
  new Map(points.filter(({ labels }) => labels['__name__'] === metric).map((point) => [keyOf(point), point.value]));

describe('a scrape of a cluster', () => {
  test('tells each series once, with no empty label', () => {
    const points = scrape(at);
    expect(new Set(points.map(keyOf)).size).toBe(points.length);
    for (const { labels } of points) {
      for (const [name, text] of Object.entries(labels)) {
        expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
        expect(text).not.toBe('');
      }
    }
  });

  test('has every metric that a ledger is made of', () => {
    const metrics = new Set(scrape(at).map(({ labels }) => labels['__name__']));
    expect([...metrics].toSorted((a, b) => (a ?? '').localeCompare(b ?? ''))).toMatchInlineSnapshot(`
      [
        "container_cpu_usage_seconds_total",
        "container_memory_usage_bytes",
        "container_memory_working_set_bytes",
        "container_network_receive_bytes_total",
        "container_network_transmit_bytes_total",
        "kube_job_owner",
        "kube_namespace_annotations",
        "kube_namespace_labels",
        "kube_node_info",
        "kube_node_labels",
        "kube_node_status_allocatable",
        "kube_node_status_capacity",
        "kube_persistentvolume_capacity_bytes",
        "kube_persistentvolumeclaim_info",
        "kube_persistentvolumeclaim_resource_requests_storage_bytes",
        "kube_pod_completion_time",
        "kube_pod_container_resource_limits",
        "kube_pod_container_resource_requests",
        "kube_pod_info",
        "kube_pod_labels",
        "kube_pod_owner",
        "kube_pod_spec_volumes_persistentvolumeclaims_info",
        "kube_pod_start_time",
        "kube_pod_status_phase",
        "kube_replicaset_owner",
        "kubecost_load_balancer_cost",
        "kubecost_node_is_spot",
        "node_cpu_hourly_cost",
        "node_ram_hourly_cost",
        "node_total_hourly_cost",
        "pv_hourly_cost",
        "service_selector_labels",
        "up",
      ]
    `);
  });

  test('counts CPU so that the increase over an hour is what was used', () => {
    const used = new Map<string, number>();
    let last = new Map<string, number>();
    for (let instant = START; instant <= START + HOUR_MS; instant += 30 * SECOND_MS) {
      const now = valuesOf(scrape(instant), 'container_cpu_usage_seconds_total');
      // What a container used before it was first seen is in its first value: an aligned one is seen as it starts.
      for (const [key, value] of now) used.set(key, (used.get(key) ?? 0) + value - (last.get(key) ?? 0));
      last = now;
    }
    const seen = [...used.values()].reduce((sum, value) => sum + value, 0);
    const [cluster] = truthOf(fleet, START).clusters;
    const running = (cluster?.containers ?? []).filter(({ endedAt }) => endedAt > START + HOUR_MS);
    const truth = running.reduce((sum, { cpuUsage }) => sum + Number(cpuUsage) / 1e12, 0);
    const ended = (cluster?.containers ?? []).filter(({ endedAt }) => endedAt <= START + HOUR_MS);
    const lost = ended.reduce((sum, { cpuUsage }) => sum + Number(cpuUsage) / 1e12, 0);
    expect(running.length).toBeGreaterThan(10);
    expect(seen).toBeGreaterThanOrEqual(truth * 0.999_999); // what ended is missed from its last scrape on
    expect(seen).toBeLessThanOrEqual(truth + lost);
  });

  test('is the same whichever instant was asked for before', () => {
    const straight = valuesOf(scrape(at), 'container_cpu_usage_seconds_total');
    scrape(at + 10 * MINUTE_MS);
    scrape(START);
    expect(valuesOf(scrape(at), 'container_cpu_usage_seconds_total')).toEqual(straight);
  });
});

test('labels are named as kube-state-metrics names them', () => {
  const node = scrape(at).find(({ labels }) => labels['__name__'] === 'kube_node_labels');
  expect(Object.keys(node?.labels ?? {})).toContain('label_eks_amazonaws_com_capacity_type');
  expect(Object.keys(node?.labels ?? {})).toContain('label_node_kubernetes_io_instance_type');
});
