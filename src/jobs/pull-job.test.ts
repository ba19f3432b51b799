import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRelational } from '../../test/support/relational.ts';
import type { SampleBatch } from '../core/samples.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { PulledPiece, PullWindow } from '../sources/pull.ts';
import { createClusterDirectory } from '../store/relational/cluster-directory.ts';
import { createClusters } from '../store/relational/clusters.ts';
import { createJobState } from '../store/relational/job-state.ts';
import { createLeases, type Lease } from '../store/relational/leases.ts';
import type { Relational } from '../store/relational/relational.ts';
import { createTenants } from '../store/relational/tenants.ts';
import { createPullJob, type Pull, type PullIntake, pullStateName } from './pull-job.ts';
import { createPullMetrics } from './pull-metrics.ts';
import { PullProgress } from './pull-progress.ts';

let relational: Relational;
beforeAll(async () => {
  relational = await testRelational();
});
afterAll(() => relational.close());

const NOW = Date.UTC(2026, 0, 20, 12);
const TIMES: Pull['times'] = {
  stepMs: HOUR_MS,
  delayMs: HOUR_MS,
  intervalMs: HOUR_MS,
  backfillMs: DAY_MS,
  keptMs: 30 * DAY_MS,
};
let pulls = 0;

interface LabOptions {
  readonly pull?: (window: PullWindow, signal: AbortSignal) => AsyncIterable<PulledPiece>;
  readonly accept?: PullIntake['accept'];
  readonly cluster?: string | null;
  readonly tenant?: string;
}

/** A pull of an upstream that has one fact an hour and cluster, unless it is told otherwise. */
async function openLab({ pull: answer = hourly, accept, cluster = null, tenant }: LabOptions = {}) {
  const name = `p${pulls++}`;
  const clock = { at: NOW, now: () => clock.at };
  const clusters = createClusters(relational.db);
  const owner = await createTenants(relational.db).create(`owner of ${name}`, NOW);
  const metrics = createMetrics();
  const jobState = createJobState(relational.db);
  const taken: { cluster: string; hour: number }[] = [];
  const job = createPullJob(
    {
      name,
      tenant: tenant ?? owner.name,
      cluster,
      clusterDefault: 'nameless',
      times: TIMES,
      source: { source: 'kubecost', pull: answer },
    },
    {
      intake: {
        async accept(target, batch, signal) {
          await accept?.(target, batch, signal);
          const found = await clusters.get(target.tenant, target.cluster);
          for (const { hour } of batch.facts ?? []) taken.push({ cluster: found?.name ?? '', hour });
        },
      },
      tenants: createTenants(relational.db),
      clusters: createClusterDirectory({ clusters, clock }),
      sourceLog: { note: () => {} },
      jobState,
      clock,
      log: createLogger({ level: 'silent' }),
      observe: createPullMetrics(metrics),
    },
  );
  const lease = await leaseOf(name);
  return {
    name,
    clock,
    taken,
    metrics,
    run: (signal = new AbortController().signal) => job.run(lease, signal),
    async runAll() {
      while ((await job.run(lease, new AbortController().signal)) === 0);
    },
    progress: async () => PullProgress.parse(await jobState.get(pullStateName(name))),
  };
}

async function leaseOf(name: string): Promise<Lease> {
  const lease = await createLeases(relational.db).acquire(pullStateName(name), 'test', DAY_MS);
  if (!lease) throw new Error('the lease is free');
  return lease;
}

function batchOf(hour: number): SampleBatch {
  const names = { node: 'n', namespace: 'shop', pod: 'web', container: 'web', name: '' };
  const fact = { kind: 'container' as const, hour, statedAt: NOW, ...names, amounts: {}, texts: {}, labels: {} };
  return { source: 'kubecost', containers: [], nodes: [], facts: [fact] };
}

async function* hourly({ from, to }: PullWindow): AsyncGenerator<PulledPiece> {
  await Promise.resolve(); // an upstream is never at once
  for (let hour = from; hour < to; hour += HOUR_MS) {
    const batches = [{ clusterName: 'east', batch: batchOf(hour) }];
    yield { batches, through: hour + HOUR_MS, refused: {}, warnings: [] };
  }
}

/** An upstream that gives nothing and fails so. */
function failing(fail: () => Error): AsyncIterable<PulledPiece> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fail()) }) };
}

test('the present comes first, then the past, each hour once', async () => {
  const lab = await openLab();
  await lab.runAll();
  const hours = lab.taken.map(({ hour }) => hour);
  expect(hours[0]).toBe(NOW - 2 * HOUR_MS);
  expect(hours.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => NOW - DAY_MS + i * HOUR_MS));
  expect(await lab.progress()).toMatchObject({ rows: 23, lastSuccessAt: NOW, lastError: null });
});

test('rows that are not durable are asked for again: progress is written after them only', async () => {
  let left = 3;
  const lab = await openLab({
    accept() {
      left -= 1;
      if (left === 0) throw new AppError('intake_full', 'full', { retryAfterSeconds: 7 });
      return Promise.resolve();
    },
  });
  expect(await lab.run()).toBe(0);
  const before = await lab.progress();
  expect(await lab.run()).toBeGreaterThanOrEqual(7 * SECOND_MS);
  const after = await lab.progress();
  expect(after.pastThrough).toBe(before.pastThrough + HOUR_MS);
  expect(after).toMatchObject({ failures: 1, lastError: { code: 'intake_full', message: 'full', at: NOW } });
  await lab.runAll();
  expect(new Set(lab.taken.map(({ hour }) => hour)).size).toBe(23);
  expect(await lab.progress()).toMatchObject({ failures: 0, lastError: null });
});

test('pauses grow from failure to failure up to a limit, and never undercut what the upstream asks for', async () => {
  let error = new AppError('upstream_unavailable', 'away');
  const lab = await openLab({ pull: () => failing(() => error) });
  const pauses: number[] = [];
  for (let i = 0; i < 12; i += 1) pauses.push(await lab.run());
  expect(pauses[0]).toBeLessThanOrEqual(5 * SECOND_MS);
  expect(Math.min(...pauses.slice(-3))).toBeGreaterThanOrEqual(2.5 * MINUTE_MS);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(5 * MINUTE_MS);
  error = new AppError('upstream_unavailable', 'busy', { retryAfterSeconds: 900 });
  expect(await lab.run()).toBe(900 * SECOND_MS);
  error = new AppError('upstream_refused', 'who are you');
  expect(await lab.run()).toBeGreaterThanOrEqual(2.5 * MINUTE_MS);
  expect(await lab.metrics.text()).toContain(
    `kubetally_pull_failures_total{pull="${lab.name}",code="upstream_refused"} 1`,
  );
});

test('a defect is told without its details, which may hold anything', async () => {
  const lab = await openLab({
    pull: () => {
      throw new Error('password=hunter2');
    },
  });
  await lab.run();
  expect(await lab.progress()).toMatchObject({ lastError: { code: 'internal', message: 'the pull failed' } });
});

test('a tenant that is not there is said so, and looked for again soon: it may be in the making', async () => {
  const lab = await openLab({ tenant: 'nobody' });
  expect(await lab.run()).toBeLessThanOrEqual(5 * SECOND_MS);
  expect((await lab.progress()).lastError).toMatchObject({ code: 'not_found' });
});

test('the configured cluster is believed before the upstream, and what nobody names has a cluster too', async () => {
  const f = async (cluster: string | null, clusterName: string | null, want: string) => {
    const lab = await openLab({
      cluster,
      async *pull({ from, to }) {
        await Promise.resolve();
        yield { batches: [{ clusterName, batch: batchOf(from) }], through: to, refused: {}, warnings: [] };
      },
    });
    await lab.run();
    expect(lab.taken.map((row) => row.cluster)).toEqual([want]);
  };
  await f('mine', 'theirs', 'mine');
  await f(null, 'theirs', 'theirs');
  await f(null, null, 'nameless');
});

test('what is new does not wait for the rest of the past', async () => {
  const lab = await openLab({
    async *pull(window) {
      for await (const piece of hourly(window)) {
        if (window.from < NOW - 2 * HOUR_MS) lab.clock.at = NOW + HOUR_MS; // an hour goes by over the first old piece
        yield piece;
      }
    },
  });
  await lab.run();
  await lab.run();
  await lab.run();
  const hours = lab.taken.map(({ hour }) => (hour - NOW) / HOUR_MS);
  expect(hours[0]).toBe(-2);
  expect(hours.slice(1, -1).toSorted((a, b) => a - b)).toEqual([-24, -23, -22]); // the first, and what was fetched already
  expect(hours.at(-1)).toBe(-1);
});

test('a holder that was overtaken writes nothing any more', async () => {
  const lab = await openLab();
  await lab.run();
  const before = await lab.progress();
  await relational.db.updateTable('leases').where('name', '=', pullStateName(lab.name)).set({ fence: 99n }).execute();
  await expect(lab.run()).rejects.toMatchObject({ code: 'conflict' });
  expect(await lab.progress()).toEqual(before);
});

test('a pull that is ended throws, and its progress says of no failure', async () => {
  const ending = new AbortController();
  const lab = await openLab({
    pull: () =>
      failing(() => {
        ending.abort(new Error('stopping'));
        return new Error('stopping');
      }),
  });
  await expect(lab.run(ending.signal)).rejects.toThrow('stopping');
  await expect(lab.progress()).rejects.toThrow();
});
