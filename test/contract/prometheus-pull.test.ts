import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toSeries } from '../../src/core/series.ts';
import { createIntake } from '../../src/intake/group-commit.ts';
import { createPullJob, type Pull, type PullJobDeps, pullStateName } from '../../src/jobs/pull-job.ts';
import { PullProgress } from '../../src/jobs/pull-progress.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import { createFleet } from '../../src/sim/fleet.ts';
import { startPrometheusApi } from '../../src/sim/prometheus-api.ts';
import { seriesAt } from '../../src/sim/series.ts';
import { createPrometheusPull, type PrometheusPullOptions } from '../../src/sources/prometheus/prometheus.ts';
import { createClusterDirectory } from '../../src/store/relational/cluster-directory.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createJobState } from '../../src/store/relational/job-state.ts';
import { createLeases } from '../../src/store/relational/leases.ts';
import { createTenants } from '../../src/store/relational/tenants.ts';
import { type LedgerLab, openLedgerLab } from '../support/ledger-lab.ts';
import { findPrometheus, startPrometheus, type TestPrometheus } from '../support/prometheus.ts';

/** A fleet as a Prometheus holds it, pulled through the job into the real stores: what arrives is what was scraped. */

const programs = await findPrometheus();
const START = Date.UTC(2026, 0, 10, 6);
const NOW = START + 3 * HOUR_MS;
const SCRAPE_MS = 30 * SECOND_MS;
const fleet = createFleet({ preset: 'small', seed: 7, start: START });

function* scrapes() {
  for (let at = START; at < NOW; at += SCRAPE_MS) yield { at, points: seriesAt(fleet, { cluster: 'small', at }) };
}

/** Every point that a pull up to `until` must bring: `id at value`, sorted. */
function expectedPoints(until: number): string[] {
  const lines: string[] = [];
  for (const { at, points } of scrapes()) {
    if (at >= until) break;
    for (const { labels, value } of points) lines.push(`${toSeries(labels).id} ${at} ${value}`);
  }
  return lines.sort();
}

const OPTIONS: Omit<PrometheusPullOptions, 'url'> = {
  headers: {},
  timeoutMs: 20_000,
  responseBytesMax: 64 * 2 ** 20,
  samplesMax: 200_000,
  dedup: true,
  partialResponse: false,
  selector: {},
  clusterLabels: ['cluster'],
  replicaLabels: ['replica'],
};
const TIMES: Pull['times'] = {
  stepMs: SECOND_MS,
  delayMs: 2 * MINUTE_MS,
  intervalMs: MINUTE_MS,
  backfillMs: DAY_MS,
  keptMs: 13 * DAY_MS,
};
const StoredPoint = z.object({ id: z.string(), at: z.string(), value: z.number() });

let lab: LedgerLab;
let jobs = 0;

beforeAll(async () => {
  lab = await openLedgerLab({ now: () => NOW });
});
afterAll(() => lab.close());

interface Puller {
  /** Works until nothing is due, or until the signal fires. */
  work(signal?: AbortSignal): Promise<void>;
  progress(): Promise<PullProgress>;
  /** What is in the store, as `expectedPoints` writes it. */
  points(): Promise<string[]>;
  series(): Promise<number>;
}

async function createPuller(
  options: PrometheusPullOptions,
  intakeOf: (intake: PullJobDeps['intake']) => PullJobDeps['intake'] = (intake) => intake,
): Promise<Puller> {
  const { columnar, relational } = lab;
  const clock = { now: () => NOW };
  const log = createLogger({ level: 'silent' });
  const tenant = await createTenants(relational.db).create(`pulling ${jobs}`, NOW);
  const intake = createIntake({ columnar, clock, log, limits: { groupDelayMs: 1 } });
  const jobState = createJobState(relational.db);
  const name = `pull-${jobs++}`;
  const deps: PullJobDeps = {
    intake: intakeOf(intake),
    tenants: createTenants(relational.db),
    clusters: createClusterDirectory({ clusters: createClusters(relational.db), clock }),
    sourceLog: { note: () => {} },
    jobState,
    clock,
    log,
  };
  const pull = { name, tenant: tenant.name, cluster: null, clusterDefault: 'default', times: TIMES };
  return {
    async work(signal = new AbortController().signal) {
      const leases = createLeases(relational.db);
      const lease = await leases.acquire(pullStateName(name), 'test', DAY_MS);
      if (!lease) throw new Error('the lease is free');
      // A source of its own: what was learnt is lost with a process.
      const job = createPullJob({ ...pull, source: createPrometheusPull(options) }, deps);
      try {
        while ((await job.run(lease, signal)) === 0);
      } finally {
        await leases.release(lease);
      }
    },
    progress: async () => PullProgress.parse(await jobState.get(pullStateName(name))),
    async points() {
      const sql = `SELECT toString(id) AS id, toString(toUnixTimestamp64Milli(at)) AS at, value FROM points FINAL WHERE tenant = {tenant:UUID}`;
      const lines: string[] = [];
      for await (const rows of columnar.stream({ sql, params: { tenant: tenant.id }, row: StoredPoint })) {
        for (const { id, at, value } of rows) lines.push(`${id} ${at} ${value}`);
      }
      return lines.sort();
    },
    async series() {
      const sql = 'SELECT toString(uniqExact(id)) AS n FROM series WHERE tenant = {tenant:UUID}';
      const [row] = await columnar.rows({ sql, params: { tenant: tenant.id }, row: z.object({ n: z.string() }) });
      return Number(row?.n);
    },
  };
}

describe.skipIf(!programs)('a real Prometheus', () => {
  let prometheus: TestPrometheus;
  beforeAll(async () => {
    if (programs) prometheus = await startPrometheus(programs, { scrapes: scrapes() });
  });
  afterAll(() => prometheus.end());

  test.each([
    { samplesMax: 6_000, what: 'many small questions' },
    { samplesMax: 40_000, what: 'some' },
    { samplesMax: 1_000_000, what: 'few large ones' },
  ])('every point of the window arrives once, by $what', async ({ samplesMax }) => {
    const puller = await createPuller({ ...OPTIONS, url: prometheus.url, samplesMax });
    await puller.work();
    const expected = expectedPoints(NOW - TIMES.delayMs);
    expect(expected.length).toBeGreaterThan(100_000);
    expect(await puller.points()).toEqual(expected);
    expect(await puller.series()).toBe(new Set(expected.map((line) => line.split(' ')[0])).size);
    const done = { through: NOW - TIMES.delayMs, rows: expected.length, lastError: null, failures: 0 };
    expect(await puller.progress()).toMatchObject(done);
  });

  test('a pull that is ended in the middle, again and again, goes on where it was', async () => {
    let until = 3;
    let ending = new AbortController();
    const puller = await createPuller({ ...OPTIONS, url: prometheus.url, samplesMax: 20_000 }, (intake) => ({
      async accept(target, batch, signal) {
        await intake.accept(target, batch, signal);
        until -= 1;
        // Right after the rows are durable and before the progress is written: the worst moment.
        if (until === 0) ending.abort(new Error('killed'));
      },
    }));
    let ends = 0;
    for (;;) {
      const ended = await puller.work(ending.signal).then(
        () => false,
        () => true,
      );
      if (!ended) break;
      ends += 1;
      until = 3 + ends;
      ending = new AbortController();
    }
    expect(ends).toBeGreaterThan(3);
    expect(await puller.points()).toEqual(expectedPoints(NOW - TIMES.delayMs));
  });

  test('only series with the labels of the selector are pulled', async () => {
    const puller = await createPuller({ ...OPTIONS, url: prometheus.url, selector: { namespace: 'shop' } });
    await puller.work();
    const shop = new Set<string>();
    for (const { points } of scrapes()) {
      for (const { labels } of points) if (labels['namespace'] === 'shop') shop.add(String(toSeries(labels).id));
    }
    const ofShop = expectedPoints(NOW - TIMES.delayMs).filter((line) => shop.has(line.split(' ')[0] ?? ''));
    expect(await puller.points()).toEqual(ofShop);
  });
});

describe.skipIf(!programs)('a real Prometheus that allows little', () => {
  let prometheus: TestPrometheus;
  beforeAll(async () => {
    if (!programs) return;
    prometheus = await startPrometheus(programs, { scrapes: scrapes(), flags: ['--query.max-samples=3000'] });
  });
  afterAll(() => prometheus.end());

  test('questions are cut until it answers them', async () => {
    const puller = await createPuller({ ...OPTIONS, url: prometheus.url, samplesMax: 1_000_000 });
    await puller.work();
    expect(await puller.points()).toEqual(expectedPoints(NOW - TIMES.delayMs));
  });
});

test("the fleet's own API brings what a real Prometheus would", async () => {
  const api = await startPrometheusApi({ fleet, clock: { now: () => NOW }, stepMs: SCRAPE_MS });
  try {
    const puller = await createPuller({ ...OPTIONS, url: api.url, clusterLabels: [] });
    await puller.work();
    const ofCluster = expectedPoints(NOW - TIMES.delayMs).map((line) => line.slice(line.indexOf(' ')));
    const pulled = (await puller.points()).map((line) => line.slice(line.indexOf(' ')));
    expect(pulled.sort()).toEqual(ofCluster.sort()); // its ids differ: its series have a label for the cluster
  } finally {
    await api.close();
  }
});
