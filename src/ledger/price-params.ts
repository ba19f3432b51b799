import type { PriceVersion } from '../store/relational/price-versions.ts';

/** A price version as the ledger's statements are bound to it: rates in pico-dollars. */
export function priceParams({ id, rates }: Pick<PriceVersion, 'id' | 'rates'>) {
  return {
    price_version: id,
    cpu_rate: rates.cpuCoreHour.toString(),
    ram_rate: rates.ramGibHour.toString(),
    gpu_rate: rates.gpuHour.toString(),
    spot_cpu_rate: rates.spotCpuCoreHour.toString(),
    spot_ram_rate: rates.spotRamGibHour.toString(),
    spot_gpu_rate: rates.spotGpuHour.toString(),
    storage_rate: rates.storageGibHour.toString(),
    balancer_rate: rates.balancerHour.toString(),
    network_zone_rate: rates.networkZoneGib.toString(),
    network_region_rate: rates.networkRegionGib.toString(),
    network_internet_rate: rates.networkInternetGib.toString(),
    management_rate: rates.managementHour.toString(),
  };
}
