import { addPrice, listPrices, type PriceVersion } from '../../contracts/prices.ts';
import { AppError } from '../../lib/errors.ts';
import { formatMoney, parseMoney } from '../../lib/money.ts';
import type { Clusters, PriceRates, PriceRecord, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { clusterNames, instantText } from '../texts.ts';

export function addPriceRoutes(add: AddRoute, { access, clusters }: Pick<ServerDeps, 'access' | 'clusters'>): void {
  add(listPrices, async ({ request }) => {
    const principal = principalOf(request);
    const nameOf = await clusterNames(clusters, principal.tenantId);
    return { prices: (await access.prices.list(principal)).map((price) => toWire(price, nameOf(price.clusterId))) };
  });

  add(addPrice, async ({ body, request }) => {
    const principal = principalOf(request);
    const { tenant_id: tenantId, cluster_name: clusterName, note } = body;
    const clusterId =
      clusterName === undefined ? null : await idOf(clusters, tenantId ?? principal.tenantId, clusterName);
    const effectiveFrom = Date.parse(body.effective_from);
    const price = { tenantId, clusterId, effectiveFrom, rates: ratesOf(body.rates), note };
    return toWire(await access.prices.add(principal, price), clusterName ?? null);
  });
}

async function idOf(clusters: Clusters, tenantId: string, name: string): Promise<string> {
  const cluster = await clusters.getByName(tenantId, name);
  if (cluster) return cluster.id;
  throw new AppError('not_found', `there is no cluster "${name}"`, { details: { field: 'cluster_name' } });
}

function ratesOf(rates: Readonly<Record<keyof PriceVersion['rates'], string | number>>): PriceRates {
  return {
    cpuCoreHour: parseMoney(rates.cpu_core_hour),
    ramGibHour: parseMoney(rates.ram_gib_hour),
    gpuHour: parseMoney(rates.gpu_hour),
    spotCpuCoreHour: parseMoney(rates.spot_cpu_core_hour),
    spotRamGibHour: parseMoney(rates.spot_ram_gib_hour),
    storageGibHour: parseMoney(rates.storage_gib_hour),
  };
}

function toWire(price: PriceRecord, clusterName: string | null): PriceVersion {
  const { rates } = price;
  return {
    price_version_id: price.id,
    built_in: price.tenantId === null,
    cluster_id: price.clusterId,
    cluster_name: clusterName,
    effective_from: instantText(price.effectiveFrom),
    currency: price.currency,
    rates: {
      cpu_core_hour: formatMoney(rates.cpuCoreHour),
      ram_gib_hour: formatMoney(rates.ramGibHour),
      gpu_hour: formatMoney(rates.gpuHour),
      spot_cpu_core_hour: formatMoney(rates.spotCpuCoreHour),
      spot_ram_gib_hour: formatMoney(rates.spotRamGibHour),
      storage_gib_hour: formatMoney(rates.storageGibHour),
    },
    note: price.note,
    created_at: instantText(price.createdAt),
    created_by: price.createdBy,
  };
}
