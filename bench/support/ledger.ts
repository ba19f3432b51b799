import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdministration } from '../../src/app.ts';
import { type Config, ConfigSchema } from '../../src/config/schema.ts';
import { computeDueDays, newestVersion } from '../../src/ledger/rollup.ts';
import { createVersions } from '../../src/ledger/versions.ts';
import { DAY_MS, dayStart, hourStart, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { type Cluster, createClusters } from '../../src/store/relational/clusters.ts';
import { openRelational } from '../../src/stores.ts';
import { openBenchEngine } from './engine.ts';
import { timed } from './figure.ts';
import { benchSql } from './sql.ts';

/** The data folder of a server that has kept the ledger of `CONTAINERS` containers for `DAYS` days and the hours of today. */
export interface BenchLedger {
  readonly dataDir: string;
  readonly tenant: string;
  readonly clusters: readonly Cluster[];
  /** `key_id:secret` of an operator. */
  readonly key: string;
  /** Midnight of the first day, and the start of the hour after the last. */
  readonly start: number;
  readonly end: number;
  /** What summing up a day of all containers took, milliseconds. */
  readonly dayRollupMs: number;
  close(): Promise<void>;
}

export const CONTAINERS = 10_000;
export const DAYS = 90;
const CLUSTERS = 4;
const PODS_PER_NODE = 30;
/** Days of one insert: about a million rows, as many as the engine sorts in its memory. */
const DAYS_PER_INSERT = 15;

export const surroundings = { clock: systemClock, log: createLogger({ level: 'error' }) };

export async function openBenchLedger(): Promise<BenchLedger> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-bench-'));
  const config = ConfigSchema.parse({ dataDir });
  const end = hourStart(systemClock.now());
  const start = dayStart(end) - DAYS * DAY_MS;
  const owner = await ownerOf(config);
  const engine = await openBenchEngine(join(dataDir, 'columnar'));
  try {
    for (const cluster of owner.clusters) await fill(engine.columnar, { cluster, start, end });
    const dayRollupMs = (await timed(() => sumUpDays(engine.columnar))) / DAYS;
    return { dataDir, ...owner, start, end, dayRollupMs, close: () => rm(dataDir, { recursive: true, force: true }) };
  } finally {
    await engine.close();
  }
}

/** The tenant, its key and its clusters. */
async function ownerOf(config: Config): Promise<Pick<BenchLedger, 'tenant' | 'key' | 'clusters'>> {
  const administration = await openAdministration(config, surroundings);
  const { tenant, key } = await administration.tenants.initialise({ tenantName: 'default' });
  await administration.close();
  const { store } = await openRelational(config);
  const directory = createClusters(store.db);
  const names = Array.from({ length: CLUSTERS }, (_, i) => `bench-${i + 1}`);
  const clusters: Cluster[] = [];
  for (const name of names) clusters.push(await directory.resolve(tenant.id, name, systemClock.now()));
  await store.close();
  return { tenant: tenant.id, key: `${key.keyId}:${key.secret}`, clusters };
}

interface Filling {
  readonly cluster: Cluster;
  readonly start: number;
  readonly end: number;
}

async function fill(columnar: Columnar, { cluster, start, end }: Filling): Promise<void> {
  const containers = CONTAINERS / CLUSTERS;
  const base = {
    tenant: cluster.tenantId,
    cluster: cluster.id,
    name: cluster.name,
    containers,
    nodes: Math.ceil(containers / PODS_PER_NODE),
    end: Math.floor(end / 1_000),
  };
  for (let from = start; from < end; from += DAYS_PER_INSERT * DAY_MS) {
    const params = { ...base, from_day: new Date(from).toISOString().slice(0, 10), days: DAYS_PER_INSERT };
    const settings = { max_insert_threads: 1 };
    await columnar.command({ sql: benchSql('container-hours'), params, settings, timeoutMs: 110_000 });
    await columnar.command({ sql: benchSql('cluster-hours'), params });
  }
}

async function sumUpDays(columnar: Columnar): Promise<void> {
  const versions = createVersions(1n, await newestVersion(columnar));
  while ((await computeDueDays({ columnar }, { fromMs: 0, versions })).more);
}
