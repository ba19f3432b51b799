/**
 * Costs by namespace of 10,000 containers over 90 days: as the product answers it, in process and over HTTP, against the same
 * sums asked of the engine itself; and what such a ledger takes on disk. `node bench/run.ts queries`.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { createClient } from '../src/client/client.ts';
import { namespaceCosts } from '../src/contracts/cost-routes.ts';
import { DAY_MS, dayStart, systemClock } from '../src/lib/clock.ts';
import { createCostQueries } from '../src/queries/ledger-cost-queries.ts';
import { type BenchEngine, openBenchEngine } from './support/engine.ts';
import { type Alternative, type Figure, figure, median, quantile, takeTurns } from './support/figure.ts';
import type { BenchLab } from './support/lab.ts';
import { type BenchLedger, DAYS } from './support/ledger.ts';
import { serveOn } from './support/serve.ts';

const TURNS = 40;
/** The engine alone takes the better part of a second over the hours. */
const SLOW_TURNS = 7;
const PAGE = { limit: 100, offset: 0 };

interface Window {
  readonly start: number;
  readonly end: number;
}

export async function* benchQueries(lab: BenchLab): AsyncGenerator<Figure> {
  const ledger = await lab.ledger();
  const engine = await openBenchEngine(join(ledger.dataDir, 'columnar'));
  try {
    yield await bytesOnDisk(engine, ledger);
    yield await dayRollup(engine, ledger);
    yield* namespaces(engine, ledger);
  } finally {
    await engine.close();
  }
}

/**
 * Two windows. The last 90 days to the hour have edges that days cannot serve; 90 whole days are what a GROUP BY over the
 * day table can be held against.
 */
async function* namespaces(engine: BenchEngine, ledger: BenchLedger): AsyncGenerator<Figure> {
  const { tenant, end } = ledger;
  const last = { start: end - DAYS * DAY_MS, end };
  const whole = { start: dayStart(end) - DAYS * DAY_MS, end: dayStart(end) };
  const { columnar } = engine;
  const costs = createCostQueries({
    columnar,
    clusters: { list: async () => [...ledger.clusters] },
    rates: { list: async () => [] },
    clock: systemClock,
  });
  await using server = await serveOn(engine, ledger);
  const client = createClient({ url: server.url, key: ledger.key });
  const ms = {
    ...(await takeTurns({ hours: () => engine.send(bareHours(tenant, last)) }, SLOW_TURNS)),
    ...(await takeTurns(
      {
        days: () => engine.send(bareDays(tenant, whole)),
        whole: () => costs.namespaces({ tenant, ...whole }, PAGE),
        last: () => costs.namespaces({ tenant, ...last }, PAGE),
        http: () => client.call(namespaceCosts, { query: { ...instants(last), ...PAGE } }),
      },
      TURNS,
    )),
  };
  const bare = { hours: p50('engine_group_by_hours', ms.hours), days: p50('engine_group_by_days', ms.days) };
  yield figure('engine_group_by_hours', { value: bare.hours.value, unit: 'ms' }, bare.days);
  yield figure('engine_group_by_days', { value: bare.days.value, unit: 'ms' }, bare.hours);
  yield figure('namespaces_90d_p50', { value: median(ms.last), unit: 'ms' }, bare.hours);
  yield figure('namespaces_90d_p95', { value: quantile(ms.last, 0.95), unit: 'ms' }, bare.hours);
  yield figure('namespaces_90_whole_days_p50', { value: median(ms.whole), unit: 'ms' }, bare.days);
  yield figure('namespaces_90_whole_days_p95', { value: quantile(ms.whole, 0.95), unit: 'ms' }, bare.days);
  const inProcess = p50('namespaces_90d_p50', ms.last);
  yield figure('namespaces_90d_http_p50', { value: median(ms.http), unit: 'ms' }, inProcess);
  yield figure('namespaces_90d_http_p95', { value: quantile(ms.http, 0.95), unit: 'ms' }, inProcess);
}

function p50(name: string, values: readonly number[]): Alternative {
  return { name, value: median(values) };
}

function instants({ start, end }: Window) {
  return { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
}

function bareHours(tenant: string, { start, end }: Window): string {
  return `SELECT namespace, sum(cpu_cost), sum(ram_cost) FROM container_hours FINAL
    WHERE tenant = '${tenant}' AND hour >= ${start / 1_000} AND hour < ${end / 1_000}
      AND day >= toDate(${start / 1_000}) AND day <= toDate(${end / 1_000})
    GROUP BY namespace FORMAT JSON`;
}

function bareDays(tenant: string, { start, end }: Window): string {
  return `SELECT namespace, sum(cpu_cost), sum(ram_cost) FROM workload_days FINAL
    WHERE tenant = '${tenant}' AND day >= toDate(${start / 1_000}) AND day < toDate(${end / 1_000})
    GROUP BY namespace FORMAT JSON`;
}

/** Against Parquet (zstd, the engine's own) of the same columns, of one day. */
async function bytesOnDisk(engine: BenchEngine, { tenant, start }: BenchLedger): Promise<Figure> {
  const parts = `SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'container_hours' FORMAT TSV`;
  const bytes = z.coerce.number().parse((await engine.send(parts)).trim());
  const day = `FROM container_hours WHERE tenant = '${tenant}' AND day = toDate(${start / 1_000})`;
  const rows = z.coerce.number().parse((await engine.send(`SELECT count() ${day} FORMAT TSV`)).trim());
  const query = `SELECT * ${day} FORMAT Parquet SETTINGS output_format_parquet_compression_method = 'zstd'`;
  const parquet = (await engine.download(query)) / rows;
  return figure('bytes_per_container_hour', { value: bytes, unit: 'B' }, { name: 'parquet_zstd', value: parquet });
}

/** Against the least that any sum of a day must read, cluster by cluster as the rollup does it. */
async function dayRollup(engine: BenchEngine, { tenant, clusters, start, dayRollupMs }: BenchLedger): Promise<Figure> {
  const window = { start, end: start + DAY_MS - 1 };
  const ofDay = async () => {
    for (const { id } of clusters) {
      await engine.send(bareHours(tenant, window).replace('WHERE', `WHERE cluster = '${id}' AND`));
    }
  };
  const { bare } = await takeTurns({ bare: ofDay }, SLOW_TURNS);
  return figure('rollup_day', { value: dayRollupMs, unit: 'ms' }, p50('engine_group_by_hours_of_day', bare));
}
