import { type Money, parseMoney } from '../lib/money.ts';

/**
 * What a price version charges for each kind of resource, in US dollars. A GiB is 2^30 bytes, and a month is 730 hours.
 * Their names are the same in the relational store and in JSON (`RATE_KEYS`).
 */
export interface PriceRates {
  readonly cpuCoreHour: Money;
  readonly ramGibHour: Money;
  readonly gpuHour: Money;
  readonly spotCpuCoreHour: Money;
  readonly spotRamGibHour: Money;
  readonly spotGpuHour: Money;
  readonly storageGibHour: Money;
  readonly balancerHour: Money;
  /** Bytes that a pod sent to another zone, to another region, to the internet. */
  readonly networkZoneGib: Money;
  readonly networkRegionGib: Money;
  readonly networkInternetGib: Money;
  /** What the provider takes for running the control plane, for each cluster. */
  readonly managementHour: Money;
}

export type RateName = keyof PriceRates;

export const RATE_KEYS = {
  cpuCoreHour: 'cpu_core_hour',
  ramGibHour: 'ram_gib_hour',
  gpuHour: 'gpu_hour',
  spotCpuCoreHour: 'spot_cpu_core_hour',
  spotRamGibHour: 'spot_ram_gib_hour',
  spotGpuHour: 'spot_gpu_hour',
  storageGibHour: 'storage_gib_hour',
  balancerHour: 'balancer_hour',
  networkZoneGib: 'network_zone_gib',
  networkRegionGib: 'network_region_gib',
  networkInternetGib: 'network_internet_gib',
  managementHour: 'management_hour',
} as const satisfies Record<RateName, string>;

export type RateKey = (typeof RATE_KEYS)[RateName];

/** Above any real price; what `Decimal(18, 12)` in both stores can hold. */
export const RATE_MAX = parseMoney('999999');

/** One value for each rate. */
export function ratesOf<T>(of: (name: RateName) => T): Record<RateName, T> {
  return {
    cpuCoreHour: of('cpuCoreHour'),
    ramGibHour: of('ramGibHour'),
    gpuHour: of('gpuHour'),
    spotCpuCoreHour: of('spotCpuCoreHour'),
    spotRamGibHour: of('spotRamGibHour'),
    spotGpuHour: of('spotGpuHour'),
    storageGibHour: of('storageGibHour'),
    balancerHour: of('balancerHour'),
    networkZoneGib: of('networkZoneGib'),
    networkRegionGib: of('networkRegionGib'),
    networkInternetGib: of('networkInternetGib'),
    managementHour: of('managementHour'),
  };
}

/** One value for each rate, under the names of the stores and of JSON. */
export function keyedRates<T>(of: (name: RateName) => T): Record<RateKey, T> {
  return {
    cpu_core_hour: of('cpuCoreHour'),
    ram_gib_hour: of('ramGibHour'),
    gpu_hour: of('gpuHour'),
    spot_cpu_core_hour: of('spotCpuCoreHour'),
    spot_ram_gib_hour: of('spotRamGibHour'),
    spot_gpu_hour: of('spotGpuHour'),
    storage_gib_hour: of('storageGibHour'),
    balancer_hour: of('balancerHour'),
    network_zone_gib: of('networkZoneGib'),
    network_region_gib: of('networkRegionGib'),
    network_internet_gib: of('networkInternetGib'),
    management_hour: of('managementHour'),
  };
}
