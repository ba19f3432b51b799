import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../../test/support/engine.ts';
import { containerSample, nodeSample } from '../../test/support/samples.ts';
import type { SampleBatch } from '../core/samples.ts';
import { systemClock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { createIntake, type IntakeLimits } from './group-commit.ts';
import type { Intake, IntakeTarget } from './intake.ts';
import { createIntakeMetrics } from './intake-metrics.ts';

type Writer = Pick<Columnar, 'insertNative'>;

let database: Awaited<ReturnType<typeof testDatabase>>;
let columnar: Columnar;
const clock = systemClock;
const log = createLogger({ level: 'silent' });

beforeAll(async () => {
  database = await testDatabase();
  columnar = database.columnar;
});
afterAll(() => database.close());

const newTarget = (): IntakeTarget => ({ tenant: randomUUID(), cluster: randomUUID() });
const batchOf = (pods: number, node = 'node-1'): SampleBatch => ({
  source: 'agent',
  containers: Array.from({ length: pods }, (_, i) => containerSample({ pod: `pod-${i}`, node })),
  nodes: [nodeSample({ node })],
});

async function rowsOf({ cluster }: IntakeTarget, table = 'container_samples'): Promise<number> {
  const sql = `SELECT toUInt32(count()) AS n FROM ${table} WHERE cluster = {cluster:UUID}`;
  const [row] = await columnar.rows<{ n: number }>({ sql, params: { cluster } });
  return row?.n ?? 0;
}

/** The real store, with each insert counted, and held back while the gate is shut. */
function countingWriter(gate: Promise<void> = Promise.resolve()) {
  const inserts: string[] = [];
  let underWay = 0;
  const seen = { inserts, mostAtOnce: 0 };
  const writer: Writer = {
    async insertNative(table, block, signal) {
      inserts.push(table);
      underWay += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, underWay);
      await gate;
      await columnar.insertNative(table, block, signal).finally(() => {
        underWay -= 1;
      });
    },
  };
  return { writer, seen };
}

async function withIntake<T>(
  { writer = columnar, limits }: { writer?: Writer; limits?: Partial<IntakeLimits> },
  use: (intake: Intake) => Promise<T>,
): Promise<T> {
  const intake = createIntake({ columnar: writer, clock, log, ...(limits && { limits }) });
  try {
    return await use(intake);
  } finally {
    await intake.close();
  }
}

/** How a promise ended: `ok`, or the code of its AppError. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

test('what accept has resolved for can be read', async () => {
  const target = newTarget();
  await withIntake({}, async (intake) => {
    await intake.accept(target, batchOf(3));
    expect(await rowsOf(target)).toBe(3);
    expect(await rowsOf(target, 'node_samples')).toBe(1);
  });
});

test('every field of a sample comes back as it went in', async () => {
  const target = newTarget();
  const at = Date.UTC(2026, 4, 17, 14, 0, 0, 123);
  const sample = containerSample({
    at,
    node: 'nœud',
    namespace: 'shop',
    pod: 'web-1',
    podUid: 'uid-1',
    container: 'app',
    controllerKind: 'Deployment',
    controller: 'web',
    phase: 'Running',
    cpuUsage: 0,
    cpuRequest: 250_000_000,
    cpuLimit: Number.MAX_SAFE_INTEGER,
    memoryUsage: 1,
    memoryRequest: 2,
    memoryLimit: null,
    networkReceived: 2 ** 33,
    networkSent: null,
    startedAt: at - 1,
    endedAt: null,
    labels: { team: 'a', app: '日本 "x"' },
  });
  const node = nodeSample({
    at,
    providerId: 'aws:///i-1',
    instanceType: 'm5.large',
    region: 'r',
    zone: 'z',
    spot: true,
    cpuCapacity: 2e9,
    hourlyCost: '0.096000000001',
    labels: { pool: 'x' },
  });
  await withIntake({}, (intake) => intake.accept(target, { source: 'collector', containers: [sample], nodes: [node] }));
  const { cluster } = target;
  const [container] = await columnar.rows({
    sql: `SELECT tenant, cluster, source, toUnixTimestamp64Milli(at) AS at, node, namespace, pod, pod_uid, container, controller_kind,
        controller, phase, cpu_usage, cpu_request, cpu_limit, memory_usage, memory_request, memory_limit, network_received,
        network_sent, toUnixTimestamp64Milli(started_at) AS started_at, ended_at, labels,
        abs(dateDiff('second', received_at, now64(3))) < 60 AS fresh
      FROM container_samples WHERE cluster = {cluster:UUID}`,
    params: { cluster },
  });
  expect(container).toEqual({
    ...target,
    source: 'collector',
    at: String(at),
    node: 'nœud',
    namespace: 'shop',
    pod: 'web-1',
    pod_uid: 'uid-1',
    container: 'app',
    controller_kind: 'Deployment',
    controller: 'web',
    phase: 'Running',
    cpu_usage: '0',
    cpu_request: '250000000',
    cpu_limit: String(Number.MAX_SAFE_INTEGER),
    memory_usage: '1',
    memory_request: '2',
    memory_limit: null,
    network_received: String(2 ** 33),
    network_sent: null,
    started_at: String(at - 1),
    ended_at: null,
    labels: '{"app":"日本 \\"x\\"","team":"a"}',
    fresh: 1,
  });
  const [stored] = await columnar.rows({
    sql: `SELECT node, provider_id, instance_type, region, zone, spot, cpu_capacity, memory_capacity,
        toString(hourly_cost) AS hourly_cost, labels FROM node_samples WHERE cluster = {cluster:UUID}`,
    params: { cluster },
  });
  expect(stored).toEqual({
    node: 'node-1',
    provider_id: 'aws:///i-1',
    instance_type: 'm5.large',
    region: 'r',
    zone: 'z',
    spot: true,
    cpu_capacity: '2000000000',
    memory_capacity: null,
    hourly_cost: '0.096000000001',
    labels: '{"pool":"x"}',
  });
});

test('the same batch again is the same rows', async () => {
  const target = newTarget();
  const batch = batchOf(5);
  await withIntake({}, async (intake) => {
    await intake.accept(target, batch);
    await Promise.all([intake.accept(target, batch), intake.accept(target, batch)]);
  });
  const sql = 'SELECT toUInt32(count()) AS n FROM container_samples FINAL WHERE cluster = {cluster:UUID}';
  expect(await columnar.rows({ sql, params: { cluster: target.cluster } })).toEqual([{ n: 5 }]);
});

test('a thousand posts of many tenants share a few inserts, never two at once', async () => {
  const { writer, seen } = countingWriter();
  const targets = Array.from({ length: 20 }, newTarget);
  await withIntake({ writer, limits: { groupRowsMax: 1_000 } }, async (intake) => {
    await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => intake.accept(targets[i % 20] ?? newTarget(), batchOf(2, `node-${i}`))),
    );
  });
  expect(await Promise.all(targets.map((target) => rowsOf(target)))).toEqual(targets.map(() => 100));
  expect(seen.inserts.length).toBeLessThanOrEqual(8);
  expect(seen.mostAtOnce).toBe(1);
});

test('a group that is full, or worth an insert, does not wait for its time; a small one waits no longer than that', async () => {
  for (const enough of [{ groupRowsMax: 10 }, { groupRowsEnough: 10 }]) {
    const target = newTarget();
    await withIntake({ limits: { groupDelayMs: 60_000, ...enough } }, async (intake) => {
      await intake.accept(target, batchOf(10));
      expect(await rowsOf(target)).toBe(10);
    });
  }
  await withIntake({ limits: { groupDelayMs: 50 } }, (intake) => intake.accept(newTarget(), batchOf(1)));
});

test('what comes while a group is written shares the next insert, however much it is', async () => {
  const { writer, seen } = countingWriter();
  await withIntake({ writer, limits: { groupDelayMs: 60_000, groupRowsEnough: 10 } }, async (intake) => {
    const first = intake.accept(newTarget(), batchOf(10));
    const others = Array.from({ length: 30 }, () => intake.accept(newTarget(), batchOf(10)));
    await Promise.all([first, ...others]);
  });
  expect(seen.inserts.filter((table) => table === 'container_samples')).toHaveLength(2);
});

test('nodes are written last, so that an instant is never covered before its containers are there', async () => {
  const { writer, seen } = countingWriter();
  await withIntake({ writer }, (intake) => intake.accept(newTarget(), batchOf(1)));
  expect(seen.inserts).toEqual(['container_samples', 'node_samples']);
});

test('close writes what was accepted at once, then refuses everything', async () => {
  const target = newTarget();
  const intake = createIntake({ columnar, clock, log, limits: { groupDelayMs: 60_000 } });
  const accepted = intake.accept(target, batchOf(7));
  await intake.close();
  await accepted;
  expect(await rowsOf(target)).toBe(7);
  expect(await outcome(intake.accept(target, batchOf(1)))).toBe('store_unavailable');
});

describe('bounds', () => {
  test('a full queue refuses at once, keeps nothing of what it refused, and recovers', async () => {
    const gate = Promise.withResolvers<void>();
    const { writer } = countingWriter(gate.promise);
    const limits = { queueRowsMax: 100, groupRowsMax: 10 };
    const target = newTarget();
    await withIntake({ writer, limits }, async (intake) => {
      const posts = Array.from({ length: 30 }, (_, i) => outcome(intake.accept(target, batchOf(9, `node-${i}`))));
      await expect(intake.accept(target, batchOf(9))).rejects.toMatchObject({
        code: 'intake_full',
        retryAfterSeconds: expect.any(Number),
      });
      gate.resolve();
      const outcomes = await Promise.all(posts);
      expect(outcomes.filter((code) => code === 'ok')).toHaveLength(10);
      expect(outcomes.filter((code) => code === 'intake_full')).toHaveLength(20);
      expect(await rowsOf(target)).toBe(90);
      expect(await outcome(intake.accept(target, batchOf(9)))).toBe('ok');
    });
  });

  test('the queue is bounded in bytes too', async () => {
    const gate = Promise.withResolvers<void>();
    const { writer } = countingWriter(gate.promise);
    const labels = { note: 'x'.repeat(1_000) };
    const batch = {
      source: 'agent',
      nodes: [],
      containers: Array.from({ length: 100 }, () => containerSample({ labels })),
    } as const;
    await withIntake({ writer, limits: { queueBytesMax: 1_000_000 } }, async (intake) => {
      const posts = Array.from({ length: 50 }, () => outcome(intake.accept(newTarget(), batch)));
      gate.resolve();
      const accepted = (await Promise.all(posts)).filter((code) => code === 'ok').length;
      expect(accepted).toBeGreaterThan(3);
      expect(accepted).toBeLessThan(12);
    });
  });

  test('a batch that no queue could ever hold is refused for good', async () => {
    await withIntake({ limits: { queueRowsMax: 100 } }, async (intake) => {
      expect(await outcome(intake.accept(newTarget(), batchOf(100)))).toBe('limit_exceeded');
    });
  });

  test('an engine that does not answer costs its callers a 503 in time, and the queue no growth', async () => {
    const silent: Writer = { insertNative: () => new Promise(() => {}) };
    const limits = { insertTimeoutMs: 200, groupDelayMs: 1, queueRowsMax: 50 };
    await withIntake({ writer: silent, limits }, async (intake) => {
      const posts = Array.from({ length: 100 }, () => outcome(intake.accept(newTarget(), batchOf(9))));
      const outcomes = await Promise.all(posts);
      expect(outcomes.filter((code) => code === 'store_unavailable')).toHaveLength(5);
      expect(outcomes.filter((code) => code === 'intake_full')).toHaveLength(95);
    });
  });
});

describe('failures', () => {
  test('every caller of a group that was not written is told so, and the next group is tried', async () => {
    let refusals = 1;
    const full = new AppError('store_full', 'no space');
    const flaky: Writer = {
      async insertNative(table, block, signal) {
        if (refusals-- > 0) throw full;
        await columnar.insertNative(table, block, signal);
      },
    };
    const target = newTarget();
    await withIntake({ writer: flaky }, async (intake) => {
      const posts = [1, 2, 3].map((pods) => outcome(intake.accept(target, batchOf(pods))));
      expect(await Promise.all(posts)).toEqual(['store_full', 'store_full', 'store_full']);
      expect(await outcome(intake.accept(target, batchOf(4)))).toBe('ok');
      expect(await rowsOf(target)).toBe(4);
    });
  });

  test('a batch that cannot be written harms nobody but its sender', async () => {
    const [good, bad] = [newTarget(), newTarget()];
    const unreadable = { ...batchOf(1), nodes: [nodeSample({ hourlyCost: 'free' })] };
    await withIntake({}, async (intake) => {
      const accepted = intake.accept(good, batchOf(3));
      await expect(intake.accept(bad, unreadable)).rejects.toThrow(RangeError);
      await expect(intake.accept({ ...bad, tenant: 'x' }, batchOf(1))).rejects.toThrow(TypeError);
      await accepted;
    });
    expect([await rowsOf(good), await rowsOf(bad)]).toEqual([3, 0]);
  });

  test('a caller who goes away hears no more, and disturbs nobody', async () => {
    const target = newTarget();
    await withIntake({}, async (intake) => {
      const caller = new AbortController();
      const gone = intake.accept(target, batchOf(2), caller.signal);
      const staying = intake.accept(target, batchOf(2, 'node-2'));
      caller.abort(new Error('gone'));
      await expect(gone).rejects.toThrow('gone');
      await staying;
      await expect(intake.accept(target, batchOf(1), caller.signal)).rejects.toThrow('gone');
    });
    expect(await rowsOf(target)).toBe(4);
  });
});

test('metrics tell what is durable, what failed and what waits', async () => {
  const metrics = createMetrics();
  const intake = createIntake({ columnar, clock, log, observe: createIntakeMetrics(metrics) });
  await intake.accept(newTarget(), batchOf(9));
  await intake.close();
  const text = await metrics.text();
  expect(text).toContain('kubetally_intake_samples_total{outcome="durable"} 10');
  expect(text).toContain('kubetally_intake_queue_rows 0');
  expect(text).toContain('kubetally_intake_insert_seconds_count 1');
});
