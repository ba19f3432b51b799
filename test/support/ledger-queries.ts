import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { AllocationQueries } from '../../src/queries/allocations.ts';
import type { AssetQueries } from '../../src/queries/assets.ts';
import type { Evidence } from '../../src/queries/evidence.ts';
import { createAllocationQueries } from '../../src/queries/ledger-allocation-queries.ts';
import { createAssetQueries } from '../../src/queries/ledger-asset-queries.ts';
import { createEvidence } from '../../src/queries/ledger-evidence.ts';
import { createClusters } from '../../src/store/relational/clusters.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import type { LedgerLab } from './ledger-lab.ts';

interface LedgerQueries {
  readonly allocations: AllocationQueries;
  readonly assets: AssetQueries;
  readonly evidence: Evidence;
}

/** The questions that the lab's ledger answers, as the server asks them. */
export function ledgerQueries(
  { columnar, relational }: Pick<LedgerLab, 'columnar' | 'relational'>,
  clock: Clock = systemClock,
  options: { largeCuts?: number } = {},
): LedgerQueries {
  const deps = {
    columnar,
    clusters: createClusters(relational.db),
    rates: createExchangeRates(relational.db),
    clock,
  };
  return {
    allocations: createAllocationQueries(deps, options),
    assets: createAssetQueries(deps),
    evidence: createEvidence(deps),
  };
}
