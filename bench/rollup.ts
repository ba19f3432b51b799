/**
 * The rollup of an hour of 10,000 containers that were seen every 30 seconds, against an average of the same samples by
 * container, which is the least that any rollup must do. `node bench/run.ts rollup`.
 */
import { randomUUID } from 'node:crypto';
import { computeHour } from '../src/ledger/hour.ts';
import { surveySamples } from '../src/ledger/survey.ts';
import { toldOfHours } from '../src/ledger/told.ts';
import { createVersions } from '../src/ledger/versions.ts';
import { DAY_MS, HOUR_MS, hourStart, MINUTE_MS, SECOND_MS, systemClock } from '../src/lib/clock.ts';
import { migrate } from '../src/store/relational/migrate.ts';
import { openPglite } from '../src/store/relational/pglite-engine.ts';
import { createPriceVersions, type PriceVersion } from '../src/store/relational/price-versions.ts';
import { type BenchEngine, openBenchEngine } from './support/engine.ts';
import { type Figure, figure, median, takeTurns, timed } from './support/figure.ts';
import { benchSql } from './support/sql.ts';

const CONTAINERS = 10_000;
/** As many rows as the engine sorts in its memory. */
const CONTAINERS_PER_INSERT = 2_500;
const NODES = Math.ceil(CONTAINERS / 30);
const INTERVAL_MS = 30 * SECOND_MS;
/** Samples of the hour before that reach into this one. */
const LEAD_MS = 5 * MINUTE_MS;
const INSTANTS = (HOUR_MS + LEAD_MS) / INTERVAL_MS;
const TURNS = 5;

export async function* benchRollup(): AsyncGenerator<Figure> {
  const engine = await openBenchEngine();
  try {
    const target = { tenant: randomUUID(), cluster: randomUUID(), hour: hourStart(systemClock.now()) - DAY_MS };
    await writeSamples(engine, target);
    const versions = createVersions(1n, 0n);
    const price = await bookPrice(target);
    const compute = async () => {
      const hours = { ...target, hours: [target.hour] };
      const told = await toldOfHours(engine.columnar, hours);
      const sampled = await surveySamples(engine.columnar, hours, { holdMinMs: LEAD_MS, signal: undefined });
      const look = {
        seenMs: target.hour,
        computedMs: systemClock.now(),
        told: told.get(target.hour) ?? [],
        sampled: sampled.get(target.hour) ?? [],
      };
      await computeHour(
        engine.columnar,
        { ...target, ...look, price, version: versions.next() },
        { sourceOrder: ['agent'], holdMinMs: LEAD_MS },
      );
    };
    const first = await timed(compute);
    const { again, bare } = await takeTurns({ again: compute, bare: () => engine.send(bareAverage(target)) }, TURNS);
    const against = { name: 'engine_group_by_samples', value: median(bare) };
    yield figure('rollup_hour_first', { value: first, unit: 'ms' }, against);
    yield figure('rollup_hour_again', { value: median(again), unit: 'ms' }, against);
  } finally {
    await engine.close();
  }
}

interface Target {
  readonly tenant: string;
  readonly cluster: string;
  readonly hour: number;
}

async function writeSamples({ columnar }: BenchEngine, { tenant, cluster, hour }: Target): Promise<void> {
  const start = new Date(hour - LEAD_MS).toISOString().replace('T', ' ').replace('Z', '');
  const params = { tenant, cluster, start, containers: CONTAINERS, nodes: NODES, instants: INSTANTS };
  const settings = { max_insert_threads: 1 };
  await columnar.command({ sql: benchSql('node-samples'), params, settings });
  for (let first = 0; first < CONTAINERS; first += CONTAINERS_PER_INSERT) {
    const some = { ...params, first, containers: CONTAINERS_PER_INSERT };
    await columnar.command({ sql: benchSql('container-samples'), params: some, settings, timeoutMs: 110_000 });
  }
}

async function bookPrice({ tenant, cluster, hour }: Target): Promise<PriceVersion> {
  const relational = await openPglite({ folder: 'memory' });
  try {
    await migrate(relational);
    const [price] = await createPriceVersions(relational.db).effectiveAt(tenant, cluster, [hour]);
    if (!price) throw new Error('there must be a built-in price book');
    return price;
  } finally {
    await relational.close();
  }
}

function bareAverage({ tenant, cluster, hour }: Target): string {
  return `SELECT namespace, pod, pod_uid, container, node,
      avg(cpu_usage), avg(cpu_request), avg(greatest(cpu_usage, cpu_request)), max(cpu_usage),
      avg(memory_usage), avg(memory_request), avg(greatest(memory_usage, memory_request)), max(memory_usage)
    FROM container_samples
    WHERE tenant = '${tenant}' AND cluster = '${cluster}' AND at >= ${hour / 1_000} AND at < ${(hour + HOUR_MS) / 1_000}
    GROUP BY namespace, pod, pod_uid, container, node FORMAT Null`;
}
