import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LedgerLab, openLedgerLab } from '../../test/support/ledger-lab.ts';
import { pointBatch, type Scraped } from '../../test/support/point-batch.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import type { SampleBatch } from '../core/samples.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';

/** What the ledger makes of scrapes that are not as they should be. One node of 4 cores; a pod that uses one and asks for none. */

const HOUR = Date.UTC(2026, 0, 5, 10);
const LATER = HOUR + 10 * HOUR_MS;
const END = HOUR + HOUR_MS;

let lab: LedgerLab;
beforeAll(async () => {
  lab = await openLedgerLab();
});
afterAll(() => lab.close());

function everyMinute(from: number, to: number, of: (at: number) => Scraped[]): Scraped[] {
  return Array.from({ length: (to - from) / MINUTE_MS }, (_, minute) => of(from + minute * MINUTE_MS)).flat();
}

function scraped(name: string, labels: Readonly<Record<string, string>>, at: number, value: number): Scraped {
  return { labels: { __name__: name, ...labels }, at, value };
}

const POD = { namespace: 'a', pod: 'web' };
const APP = { ...POD, container: 'app', node: 'n1' };

function usage(at: number, id = ''): Scraped[] {
  return [
    scraped('container_cpu_usage_seconds_total', { ...APP, id }, at, (at - HOUR) / 1_000),
    scraped('container_memory_working_set_bytes', { ...APP, id }, at, 2 ** 30),
  ];
}

function size(at: number): Scraped[] {
  return [
    scraped('kube_node_status_capacity', { node: 'n1', resource: 'cpu' }, at, 4),
    scraped('kube_node_status_capacity', { node: 'n1', resource: 'memory' }, at, 2 ** 34),
  ];
}

function bought(how: string): (at: number) => Scraped[] {
  return (at) => [
    ...size(at),
    scraped('kube_node_labels', { node: 'n1', label_karpenter_sh_capacity_type: how }, at, 1),
  ];
}

interface Found {
  readonly source: string;
  readonly coveredMinutes: number;
  /** Core-seconds by pod uid. */
  readonly held: Readonly<Record<string, number>>;
  readonly idle: number;
  readonly spot: boolean;
}

/** What the hour comes to when everything is delivered before it is computed. */
async function hourOf(...batches: SampleBatch[]): Promise<Found> {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'points');
  for (const batch of batches) await lab.put({ tenant, cluster }, batch);
  await lab.roll();
  return foundOf(tenant);
}

async function foundOf(tenant: string): Promise<Found> {
  const of = <T>(columns: string, table: string) =>
    lab.columnar.rows<T>({
      sql: `SELECT ${columns} FROM ${table} FINAL WHERE tenant = {tenant:UUID} AND hour = toDateTime({hour_s:UInt32}, 'UTC')`,
      params: { tenant, hour_s: HOUR / 1_000 },
    });
  const [hour] = await of<{ source: string; covered_ms: number }>('source, covered_ms', 'cluster_hours');
  const nodes = await of<{ spot: boolean }>('spot', 'node_hours');
  const rows = await of<{ namespace: string; uid: string; held: number }>(
    'namespace, pod_uid AS uid, toFloat64(cpu_core_seconds) AS held',
    'container_hours',
  );
  return {
    source: hour?.source ?? '',
    coveredMinutes: (hour?.covered_ms ?? 0) / MINUTE_MS,
    held: Object.fromEntries(rows.filter(({ namespace }) => namespace === 'a').map(({ uid, held }) => [uid, held])),
    idle: rows.find(({ namespace }) => namespace === '__idle__')?.held ?? 0,
    spot: nodes.some(({ spot }) => spot),
  };
}

const bare = everyMinute(HOUR, END, usage);
const whole = everyMinute(HOUR, END, (at) => [...usage(at), ...size(at)]);

test('a source without kube-state-metrics is counted, whatever another source has and whatever it has itself later in the day', async () => {
  const want = { source: 'remote-write', coveredMinutes: 60, held: { '': 3_600 }, idle: 0, spot: false };
  expect(await hourOf(pointBatch(bare))).toEqual(want);
  expect(await hourOf(pointBatch(bare), pointBatch([...usage(HOUR), ...size(HOUR)], 'prometheus'))).toEqual(want);
  expect(await hourOf(pointBatch(bare), pointBatch(everyMinute(LATER, LATER + HOUR_MS, size)))).toEqual(want);
});

test('a node whose kube-state-metrics falls silent is there for as long as its kubelet is scraped, of the size that was known', async () => {
  const silenced = [...bare, ...everyMinute(HOUR, HOUR + 20 * MINUTE_MS, size)];
  expect(await hourOf(pointBatch(silenced))).toMatchObject({ coveredMinutes: 60, held: { '': 3_600 }, idle: 10_800 });
});

test('how a node is labelled in the evening says nothing about the morning', async () => {
  const morning = [...bare, ...everyMinute(HOUR, END, bought('on-demand'))];
  const evening = everyMinute(LATER, LATER + HOUR_MS, bought('spot'));
  expect(await hourOf(pointBatch([...morning, ...evening]))).toMatchObject({ spot: false });
  expect(await hourOf(pointBatch(bare), pointBatch(everyMinute(HOUR, END, bought('spot'))))).toMatchObject({
    spot: true,
  });
});

/** A pod that is listed and used in these minutes of the hour; it may have ended before it is no longer listed. */
function life(uid: string, from: number, to: number, ended = to): Scraped[] {
  const pod = { ...POD, uid };
  const [start, end] = [HOUR + from * MINUTE_MS, HOUR + ended * MINUTE_MS];
  return everyMinute(start, HOUR + to * MINUTE_MS, (at) => [
    scraped('kube_pod_info', { ...pod, node: 'n1' }, at, 1),
    scraped('kube_pod_start_time', pod, at, start / 1_000),
    scraped('kube_pod_status_phase', { ...pod, phase: 'Running' }, at, at < end ? 1 : 0),
    scraped('kube_pod_container_resource_requests', { ...APP, uid, resource: 'cpu' }, at, 2),
    ...(at < end ? usage(at, uid) : [scraped('kube_pod_completion_time', pod, at, end / 1_000)]),
  ]);
}

test('a pod that was evicted and made again under its name is charged for both lives, each by its uid, watched or not', async () => {
  const lives = [...life('first', 0, 22, 20), ...life('second', 22, 60)];
  const points = pointBatch([...everyMinute(HOUR, END, size), ...lives]);
  const want = { first: 20 * 60 * 2, second: 38 * 60 * 2 };
  expect((await hourOf(points)).held).toEqual(want);
  const told = (podUid: string, minute: number, endedAt: number | null = null) =>
    containerSample({
      ...APP,
      at: HOUR + minute * MINUTE_MS,
      podUid,
      cpuRequest: 2e9,
      endedAt,
      startedAt: HOUR + (podUid === 'first' ? 0 : 22) * MINUTE_MS,
    });
  const ats = (from: number, to: number) => Array.from({ length: Math.ceil((to - from) / 5) }, (_, i) => from + 5 * i);
  const watched: SampleBatch = {
    source: 'kubernetes',
    nodes: ats(0, 60).map((minute) => nodeSample({ at: HOUR + minute * MINUTE_MS, node: 'n1', cpuCapacity: 4e9 })),
    containers: [
      ...ats(0, 20).map((minute) => told('first', minute)),
      told('first', 20, HOUR + 20 * MINUTE_MS),
      ...ats(22, 60).map((minute) => told('second', minute)),
    ],
  };
  expect((await hourOf(points, watched)).held).toEqual(want);
});

test('a value that no machine can have spoils neither its hour nor its neighbours', async () => {
  for (const absurd of [1e300, -1e300]) {
    const leaps = everyMinute(HOUR, END, (at) =>
      usage(at).map(({ labels, value }) => ({
        labels: { ...labels, namespace: 'mad' },
        at,
        value: at < HOUR + 30 * MINUTE_MS ? value : absurd,
      })),
    );
    const want = { coveredMinutes: 60, held: { '': 3_600 } };
    expect(await hourOf(pointBatch([...whole, ...leaps]))).toMatchObject(want);
  }
});

test('hours without any node, and many of them, keep no other from being computed', async () => {
  const tenant = await lab.tenant();
  const cluster = await lab.cluster(tenant, 'nodeless');
  const asks = { ...APP, resource: 'cpu' };
  const nodeless = Array.from({ length: 26 }, (_, hour) =>
    scraped('kube_pod_container_resource_requests', asks, END + hour * HOUR_MS + 30 * MINUTE_MS, 2),
  );
  await lab.put({ tenant, cluster }, pointBatch([...nodeless, ...whole]));
  await lab.roll();
  expect(await foundOf(tenant)).toMatchObject({ source: 'remote-write', held: { '': 3_600 } });
}, 120_000);
