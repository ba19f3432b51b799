import { addPrice, listPriceBooks, listPrices, type PriceVersion } from '../../contracts/prices.ts';
import { BASE_BOOKS, type BaseBook, BOOK_RATES } from '../../core/price-books.ts';
import { keyedRates, type PriceRates, RATE_KEYS, type RateKey, ratesOf } from '../../core/price-rates.ts';
import { AppError } from '../../lib/errors.ts';
import { formatMoney, parseMoney } from '../../lib/money.ts';
import type { Clusters, PriceRecord, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { clusterNames, instantText } from '../texts.ts';

export function addPriceRoutes(add: AddRoute, { access, clusters }: Pick<ServerDeps, 'access' | 'clusters'>): void {
  add(listPrices, async ({ request }) => {
    const principal = principalOf(request);
    const nameOf = await clusterNames(clusters, principal.tenantId);
    return { prices: (await access.prices.list(principal)).map((price) => toWire(price, nameOf(price.clusterId))) };
  });

  add(listPriceBooks, () => ({
    books: BASE_BOOKS.map((base) => ({ base, rates: ratesOnWire(BOOK_RATES[base]) })),
  }));

  add(addPrice, async ({ body, request }) => {
    const principal = principalOf(request);
    const { tenant_id: tenantId, cluster_name: clusterName, base = 'default', note } = body;
    const clusterId =
      clusterName === undefined ? null : await idOf(clusters, tenantId ?? principal.tenantId, clusterName);
    const effectiveFrom = Date.parse(body.effective_from);
    const price = { tenantId, clusterId, effectiveFrom, base, rates: withBase(base, body.rates), note };
    return toWire(await access.prices.add(principal, price), clusterName ?? null);
  });
}

function ratesOnWire(rates: PriceRates) {
  return keyedRates((name) => formatMoney(rates[name]));
}

async function idOf(clusters: Clusters, tenantId: string, name: string): Promise<string> {
  const cluster = await clusters.getByName(tenantId, name);
  if (cluster) return cluster.id;
  throw new AppError('not_found', `there is no cluster "${name}"`, { details: { field: 'cluster_name' } });
}

function withBase(base: BaseBook, given: Readonly<Partial<Record<RateKey, string | number | undefined>>>): PriceRates {
  return ratesOf((name) => {
    const rate = given[RATE_KEYS[name]];
    return rate === undefined ? BOOK_RATES[base][name] : parseMoney(rate);
  });
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
    base: price.base,
    rates: ratesOnWire(rates),
    note: price.note,
    created_at: instantText(price.createdAt),
    created_by: price.createdBy,
  };
}
