import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdministration } from '../../src/app.ts';
import { type Config, ConfigSchema } from '../../src/config/schema.ts';
import { computeDueDays } from '../../src/ledger/days.ts';
import { sumUpDueHours } from '../../src/ledger/hour-sums.ts';
import { newestVersion } from '../../src/ledger/rollup.ts';
import { createVersions } from '../../src/ledger/versions.ts';
import { DAY_MS, dayStart, hourStart, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { type Cluster, createClusters } from '../../src/store/relational/clusters.ts';
import { openRelational } from '../../src/stores.ts';
import { openBenchEngine } from './engine.ts';
import { timed } from './figure.ts';
import { benchSql } from './sql.ts';

/** The tenant of a data folder. */
export interface BenchOwner {
  readonly tenant: string;
  readonly clusters: readonly Cluster[];
  /** `key_id:secret` of an operator. */
  readonly key: string;
}

/** The data folder of a server that holds a ledger. */
export interface KeptLedger extends BenchOwner {
  readonly dataDir: string;
  /** Midnight of the first day, and the start of the hour after the last. */
  readonly start: number;
  readonly end: number;
  close(): Promise<void>;
}

/** The ledger of `CONTAINERS` containers for `DAYS` days and the hours of today. */
export interface BenchLedger extends KeptLedger {
  /** What summing up a day of all containers took, milliseconds. */
  readonly dayRollupMs: number;
}

export const CONTAINERS = 10_000;
export const DAYS = 90;
const CLUSTERS = 4;
const PODS_PER_NODE = 30;
/** Days of one insert: about a million rows, as many as the engine sorts in its memory. */
const DAYS_PER_INSERT = 10;

export const surroundings = { clock: systemClock, log: createLogger({ level: 'error' }) };

export async function openBenchLedger(): Promise<BenchLedger> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kubetally-bench-'));
  const config = ConfigSchema.parse({ dataDir });
  const end = hourStart(systemClock.now());
  const start = dayStart(end) - DAYS * DAY_MS;
  const owner = await ownerOf(config, CLUSTERS);
  const engine = await openBenchEngine(join(dataDir, 'columnar'));
  try {
    const containers = CONTAINERS / CLUSTERS;
    for (const cluster of owner.clusters) await fill(engine.columnar, { cluster, containers, start, end });
    const dayRollupMs = (await timed(() => sumUpDays(engine.columnar))) / DAYS;
    await sumUpHours(engine.columnar);
    return { dataDir, ...owner, start, end, dayRollupMs, close: () => rm(dataDir, { recursive: true, force: true }) };
  } finally {
    await engine.close();
  }
}

/** The tenant, its key and its clusters. */
export async function ownerOf(config: Config, clusterCount: number): Promise<BenchOwner> {
  const administration = await openAdministration(config, surroundings);
  const { tenant, key } = await administration.tenants.initialise({ tenantName: 'default' });
  await administration.close();
  const { store } = await openRelational(config);
  const directory = createClusters(store.db);
  const names = Array.from({ length: clusterCount }, (_, i) => `bench-${i + 1}`);
  const clusters: Cluster[] = [];
  for (const name of names) clusters.push(await directory.resolve(tenant.id, name, systemClock.now()));
  await store.close();
  return { tenant: tenant.id, key: `${key.keyId}:${key.secret}`, clusters };
}

export interface Filling {
  readonly cluster: Cluster;
  readonly containers: number;
  readonly start: number;
  readonly end: number;
}

/** Writes hour by hour what a cluster cost. */
export async function fill(columnar: Columnar, { cluster, containers, start, end }: Filling): Promise<void> {
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
    await columnar.command({ sql: benchSql('cluster-hours'), params: { ...params, sums: 0 } });
  }
}

/** Whatever hours have no sums yet. */
export async function sumUpHours(columnar: Columnar): Promise<void> {
  const versions = createVersions(1n, await newestVersion(columnar));
  while ((await sumUpDueHours({ columnar }, { fromMs: 0, versions })).hours > 0);
}

async function sumUpDays(columnar: Columnar): Promise<void> {
  const versions = createVersions(1n, await newestVersion(columnar));
  while ((await computeDueDays({ columnar }, { fromMs: 0, versions })).more);
}
