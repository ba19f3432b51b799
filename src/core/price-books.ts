import { type Money, parseMoney } from '../lib/money.ts';
import type { PriceRates } from './price-rates.ts';

/** The books that a price version may begin with; what it names itself comes before them. */
export const BASE_BOOKS = ['default', 'aws', 'azure', 'gcp'] as const;
export type BaseBook = (typeof BASE_BOOKS)[number];

/**
 * OpenCost's default rates, of GCP's us-central1; the balancer's is that of an AWS network load balancer. No management fee:
 * who pays one knows it.
 */
const DEFAULT = rates({
  cpuCoreHour: '0.031611',
  ramGibHour: '0.004237',
  gpuHour: '0.95',
  spotCpuCoreHour: '0.006655',
  spotRamGibHour: '0.000892',
  spotGpuHour: '0.308',
  storageGibHour: '0.00005479452',
  balancerHour: '0.0225',
  networkZoneGib: '0.01',
  networkRegionGib: '0.01',
  networkInternetGib: '0.12',
  managementHour: '0',
});

/**
 * Rates before any contract, as OpenCost takes them for each provider. They are estimates to begin with: CPU and memory of
 * the large clouds are near each other, and what a node costs is better known from its source or from price rules.
 */
export const BOOK_RATES: Readonly<Record<BaseBook, PriceRates>> = {
  default: DEFAULT,
  aws: { ...DEFAULT, ...rates({ networkInternetGib: '0.143', managementHour: '0.1' }) },
  azure: {
    ...DEFAULT,
    ...rates({
      cpuCoreHour: '0.039',
      ramGibHour: '0.001917',
      gpuHour: '0.0428925',
      spotCpuCoreHour: '0.007764',
      spotRamGibHour: '0.000382',
      balancerHour: '0.025',
      networkInternetGib: '0.0725',
      managementHour: '0.1',
    }),
  },
  gcp: { ...DEFAULT, ...rates({ balancerHour: '0.025', managementHour: '0.1' }) },
};

function rates<Name extends string>(texts: Readonly<Record<Name, string>>): Record<Name, Money>;
function rates(texts: Readonly<Record<string, string>>): Record<string, Money> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parseMoney(text)]));
}
