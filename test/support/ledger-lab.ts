import { randomUUID } from 'node:crypto';
import { type SampleBatch, SOURCES } from '../../src/core/samples.ts';
import { createIntake } from '../../src/intake/group-commit.ts';
import { createLedgerJob } from '../../src/jobs/ledger-job.ts';
import type { HourOptions } from '../../src/ledger/hour.ts';
import { type Clock, DAY_MS, systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/log.ts';
import type { CostQueries } from '../../src/queries/cost-queries.ts';
import { createCostQueries } from '../../src/queries/ledger-cost-queries.ts';
import type { Columnar } from '../../src/store/columnar/columnar.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import { createJobState } from '../../src/store/relational/job-state.ts';
import { createLeases } from '../../src/store/relational/leases.ts';
import { createPriceVersions, type PriceVersions } from '../../src/store/relational/price-versions.ts';
import type { Relational } from '../../src/store/relational/relational.ts';
import { createTenants } from '../../src/store/relational/tenants.ts';
import { testDatabase } from './engine.ts';
import type { SharedEngine } from './global-setup.ts';
import { testRelational } from './relational.ts';

/**
 * The real stores, intake, rollup and questions, without HTTP and without waiting: for tests that speak of the ledger itself.
 */
export interface LedgerLab {
  readonly columnar: Columnar;
  readonly relational: Relational;
  readonly prices: PriceVersions;
  readonly costs: CostQueries;
  tenant(): Promise<string>;
  cluster(tenant: string, name: string): Promise<string>;
  put(target: { tenant: string; cluster: string }, batch: SampleBatch): Promise<void>;
  /** Computes whatever is due, until nothing is. */
  roll(): Promise<void>;
  close(): Promise<void>;
}

export async function openLedgerLab(
  clock: Clock = systemClock,
  engine?: SharedEngine,
  options: Partial<HourOptions> = {},
): Promise<LedgerLab> {
  const { columnar, close: closeDatabase } = await testDatabase(engine);
  const relational = await testRelational();
  const log = createLogger({ level: 'silent' });
  const [tenants, clusters, prices] = [
    createTenants(relational.db),
    createClusters(relational.db),
    createPriceVersions(relational.db),
  ];
  const intake = createIntake({ columnar, clock, log });
  const job = createLedgerJob({
    columnar,
    prices,
    jobState: createJobState(relational.db),
    options: { sourceOrder: SOURCES, holdMinMs: 300_000, ...options },
    retention: { samplesDays: 100_000, ledgerMonths: 12_000 },
    intervalMs: IDLE_MS,
    clock,
    log,
  });
  const lease = await createLeases(relational.db).acquire('ledger', 'lab', DAY_MS);
  if (!lease) throw new Error('the lab must hold the lease of its own store');
  return {
    columnar,
    relational,
    prices,
    costs: createCostQueries({ columnar, clusters, rates: createExchangeRates(relational.db), clock }),
    tenant: async () => (await tenants.create(`tenant ${randomUUID()}`, clock.now())).id,
    cluster: async (tenant, name) => (await clusters.resolve(tenant, name, clock.now())).id,
    put: (target, batch) => intake.accept(target, batch),
    async roll() {
      const signal = new AbortController().signal;
      // A run that had nothing left to do asks for its rest; one that was cut short asks to be called at once.
      while ((await job.run(lease, signal)) < IDLE_MS);
    },
    async close() {
      await intake.close();
      await relational.close();
      await closeDatabase();
    },
  };
}

const IDLE_MS = 1_000;
