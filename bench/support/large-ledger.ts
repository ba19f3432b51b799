import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigSchema } from '../../src/config/schema.ts';
import { HOUR_SUMS } from '../../src/core/sums.ts';
import { DAY_MS, dayStart, hourStart, SECOND_MS, systemClock } from '../../src/lib/clock.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import type { Cluster } from '../../src/store/relational/clusters.ts';
import { openBenchEngine } from './engine.ts';
import { DAYS, fill, type KeptLedger, ownerOf, sumUpHours } from './ledger.ts';
import { benchSql } from './sql.ts';

/** Containers of the large ledger, all of them there on every day. */
export const CONTAINERS = 100_000;
const CLUSTERS = 10;
/** Days of one insert: as many rows as the engine sums up in its memory. */
const DAYS_PER_INSERT = 15;

/**
 * A ledger of `CONTAINERS` containers over `DAYS` days and the hours of today. Of the days that are over only what a long
 * window reads is written: their sums by workload, and the record of their hours; of the first and of today hours too, because a window
 * ends now. The 216 million of all days would take a quarter of an hour to write, and no question of a bench reads them.
 */
export async function openLargeLedger(): Promise<KeptLedger> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-bench-'));
  const end = hourStart(systemClock.now());
  const today = dayStart(end);
  const start = today - DAYS * DAY_MS;
  const owner = await ownerOf(ConfigSchema.parse({ dataDir }), CLUSTERS);
  const engine = await openBenchEngine(join(dataDir, 'columnar'));
  const containers = CONTAINERS / CLUSTERS;
  try {
    for (const cluster of owner.clusters) {
      await fillDays(engine.columnar, { cluster, containers, start, end: today });
      await fill(engine.columnar, { cluster, containers, start, end: start + DAY_MS });
      await fill(engine.columnar, { cluster, containers, start: today, end });
    }
    await sumUpHours(engine.columnar);
  } finally {
    await engine.close();
  }
  return { dataDir, ...owner, start, end, close: () => rm(dataDir, { recursive: true, force: true }) };
}

interface Days {
  readonly cluster: Cluster;
  readonly containers: number;
  readonly start: number;
  readonly end: number;
}

async function fillDays(columnar: Columnar, { cluster, containers, start, end }: Days): Promise<void> {
  const base = { tenant: cluster.tenantId, cluster: cluster.id, name: cluster.name, containers, nodes: 0 };
  for (let from = start; from < end; from += DAYS_PER_INSERT * DAY_MS) {
    const params = { ...base, from_day: new Date(from).toISOString().slice(0, 10), days: DAYS_PER_INSERT };
    await columnar.command({ sql: benchSql('workload-days'), params, timeoutMs: 110_000 });
    await columnar.command({
      sql: benchSql('cluster-hours'),
      params: { ...params, end: end / SECOND_MS, sums: HOUR_SUMS },
    });
    await columnar.command({ sql: benchSql('day-grains'), params });
  }
}
