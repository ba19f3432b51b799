import type { OpenCostAllocation } from '../../contracts/opencost.ts';
import { sumCosts } from '../../core/allocation/costs.ts';
import { bareProviderId } from '../../core/assets/providers.ts';
import { subtractMoney } from '../../lib/money.ts';
import type { AllocationRow } from '../../queries/allocations.ts';
import { money, round } from './numbers.ts';

const HOUR_S = 3_600;

/** The volumes that a row pays for, by cluster and name; null where it pays for none. */
export function volumesJson({ details }: AllocationRow): OpenCostAllocation['pvs'] {
  return byName(details?.volumes ?? [], ({ cluster, name, providerId, byteSeconds, cost, adjustment }) => [
    `cluster=${cluster}:name=${name}`,
    {
      byteHours: round(byteSeconds / HOUR_S),
      cost: money(subtractMoney(cost, adjustment)),
      providerID: providerId,
      adjustment: money(adjustment),
    },
  ]);
}

/** The load balancers that a row pays for. Whether one is private no source tells. */
export function balancersJson({ details }: AllocationRow): OpenCostAllocation['lbAllocations'] {
  return byName(details?.balancers ?? [], ({ cluster, namespace, service, ip, seconds, cost, adjustment }) => [
    `${cluster}/${namespace}/${service}`,
    {
      service: `${namespace}/${service}`,
      cost: money(subtractMoney(cost, adjustment)),
      private: false,
      ip,
      hours: round(seconds / HOUR_S),
      adjustment: money(adjustment),
    },
  ]);
}

/** What is only there where it was asked for, and there is something: before the balancers and after them. */
export function detailsJson({ details }: AllocationRow) {
  const { peaks = null, assetShares = [], sharedParts = [] } = details ?? {};
  const raw = peaks && { cpuCoreUsageMax: round(peaks.cpuCores), ramByteUsageMax: round(peaks.ramBytes) };
  const assets = byName(assetShares, ({ cluster, node, ...part }) => [
    node === '' ? cluster : `${cluster},${node}`,
    {
      cluster,
      ...(node === '' ? {} : { name: node, type: 'Node' }),
      ...(part.providerId === undefined ? {} : { providerID: bareProviderId(part.providerId) }),
      cpuPercentage: round(part.cpu),
      gpuPercentage: round(part.gpu),
      ramPercentage: round(part.ram),
      loadBalancerPercentage: round(part.loadBalancer),
      pvPercentage: round(part.pv),
      nodeResourceCostPercentage: round(part.nodeCost),
    },
  ]);
  const shared = byName(sharedParts, ({ name, costs }) => [
    name,
    {
      name,
      totalCost: money(sumCosts(costs)),
      cpuCost: money(costs.cpu),
      gpuCost: money(costs.gpu),
      ramCost: money(costs.ram),
      pvCost: money(costs.pv),
      networkCost: money(costs.network),
      loadBalancerCost: money(costs.loadBalancer),
      externalCost: money(costs.external),
    },
  ]);
  return {
    before: {
      ...(raw === null ? {} : { rawAllocationOnly: raw }),
      ...(assets === null ? {} : { proportionalAssetResourceCosts: assets }),
    },
    after: shared === null ? {} : { sharedCostBreakdown: shared },
  };
}

function byName<T, U>(things: readonly T[], entryOf: (thing: T) => readonly [string, U]): Record<string, U> | null {
  return things.length === 0 ? null : Object.fromEntries(things.map(entryOf));
}
