import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/support/engine.ts';
import { type PointBlock, toSeries } from '../core/series.ts';
import { DAY_MS, systemClock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { createLogger } from '../lib/log.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { createIntake } from './group-commit.ts';
import type { IntakeTarget } from './intake.ts';

const log = createLogger({ level: 'silent' });
const MIDNIGHT = Date.UTC(2026, 0, 6);

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const newTarget = (): IntakeTarget => ({ tenant: randomUUID(), cluster: randomUUID() });
const series = (pod: string) => toSeries({ __name__: 'up', namespace: 'shop', pod, job: 'näkki', zone: '' });

function block(points: readonly [pod: string, at: number, value: number][]): PointBlock {
  const pods = [...new Set(points.map(([pod]) => pod))];
  return {
    series: pods.map(series),
    ids: BigUint64Array.from(points, ([pod]) => series(pod).id),
    ats: BigInt64Array.from(points, ([, at]) => BigInt(at)),
    values: Float64Array.from(points, ([, , value]) => value),
  };
}

/** An intake on the real store, whose inserts are counted by table and fail while `failing` holds. */
function countingIntake() {
  const tables: string[] = [];
  const seen = { tables, failing: false };
  const writer: Pick<Columnar, 'insertNative'> = {
    async insertNative(table, bytes, signal) {
      seen.tables.push(table);
      if (seen.failing && table === 'points') throw new AppError('store_unavailable', 'the store is away');
      await database.columnar.insertNative(table, bytes, signal);
    },
  };
  const intake = createIntake({ columnar: writer, clock: systemClock, log, limits: { groupDelayMs: 1 } });
  const accept = (target: IntakeTarget, points: PointBlock) =>
    intake.accept(target, { source: 'remote-write', containers: [], nodes: [], points });
  return { seen, intake, accept };
}

const stored = async ({ cluster }: IntakeTarget) => {
  const params = { cluster };
  const points = await database.columnar.rows<{ pod: string; at: string; value: number }>({
    sql: `SELECT s.pod AS pod, toUnixTimestamp64Milli(p.at) AS at, p.value AS value
          FROM points p FINAL JOIN (SELECT DISTINCT tenant, cluster, source, id, pod FROM series) s USING (tenant, cluster, source, id)
          WHERE cluster = {cluster:UUID} ORDER BY pod, at`,
    params,
  });
  const told = await database.columnar.rows<Record<string, string>>({
    sql: `SELECT toString(day) AS day, metric, namespace, pod, source, labels FROM series
          WHERE cluster = {cluster:UUID} ORDER BY day, pod`,
    params,
  });
  return { points: points.map(({ pod, at, value }) => [pod, Number(at), value]), told };
};

test('points are in the store as they were taken, their series once a day', async () => {
  const { intake, accept, seen } = countingIntake();
  const target = newTarget();
  const other = newTarget();
  const points: [string, number, number][] = [
    ['a', MIDNIGHT - 1, -0.5],
    ['a', MIDNIGHT, 1e300],
    ['b', MIDNIGHT + DAY_MS - 1, 3],
  ];
  await Promise.all([accept(target, block(points)), accept(other, block([['c', MIDNIGHT, 4]]))]);
  expect(seen.tables).toEqual(['series', 'points']);
  await accept(target, block(points)); // once more: no new row of any series, and no new point
  expect(seen.tables).toEqual(['series', 'points', 'points']);
  const { points: kept, told } = await stored(target);
  expect(kept).toEqual(points);
  const rest = { metric: 'up', namespace: 'shop', source: 'remote-write', labels: '{"job":"näkki"}' };
  expect(told).toEqual([
    { day: '2026-01-05', pod: 'a', ...rest },
    { day: '2026-01-06', pod: 'a', ...rest },
    { day: '2026-01-06', pod: 'b', ...rest },
  ]);
  expect((await stored(other)).points).toEqual([['c', MIDNIGHT, 4]]);
  await intake.close();
});

test('a series whose insert failed is told again with the next one', async () => {
  const { intake, accept, seen } = countingIntake();
  const target = newTarget();
  seen.failing = true;
  await expect(accept(target, block([['a', MIDNIGHT, 1]]))).rejects.toMatchObject({ code: 'store_unavailable' });
  seen.failing = false;
  await accept(target, block([['a', MIDNIGHT, 1]]));
  expect(seen.tables).toEqual(['series', 'points', 'series', 'points']);
  expect((await stored(target)).points).toEqual([['a', MIDNIGHT, 1]]);
  await intake.close();
});

test('columns that do not fit together are refused, and cost no other batch', async () => {
  const { intake, accept } = countingIntake();
  const target = newTarget();
  const good = accept(target, block([['a', MIDNIGHT, 1]]));
  await expect(accept(target, { ...block([['b', MIDNIGHT, 1]]), values: new Float64Array(2) })).rejects.toThrow(
    RangeError,
  );
  await good;
  expect((await stored(target)).points).toEqual([['a', MIDNIGHT, 1]]);
  await intake.close();
});

test('points of many tenants, clusters and sources share an insert, and each lands with whose it is', async () => {
  const { seen, intake } = countingIntake();
  const targets = Array.from({ length: 40 }, newTarget);
  const tenants = [targets[0], ...targets.slice(0, -1)];
  const sources = ['remote-write', 'prometheus'] as const;
  const sent = targets.flatMap(({ cluster }, i) =>
    sources.map((source, j) => ({ tenant: tenants[i]?.tenant ?? '', cluster, source, value: i * 10 + j })),
  );
  await Promise.all(
    sent.map(({ tenant, cluster, source, value }) =>
      intake.accept(
        { tenant, cluster },
        { source, containers: [], nodes: [], points: block([['web', MIDNIGHT, value]]) },
      ),
    ),
  );
  expect(seen.tables).toEqual(['series', 'points']);
  const found = await database.columnar.rows({
    sql: 'SELECT tenant, cluster, source, value FROM points WHERE cluster IN {clusters:Array(UUID)} ORDER BY value',
    params: { clusters: targets.map(({ cluster }) => cluster) },
  });
  expect(found).toEqual(sent.map(({ tenant, cluster, source, value }) => ({ tenant, cluster, source, value })));
  await intake.close();
});
