import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  addPrice,
  getPrice,
  importPrices,
  listPriceBooks,
  listPrices,
  type PriceVersion,
  type PriceVersionHead,
} from '../../contracts/prices.ts';
import { BASE_BOOKS, type BaseBook, BOOK_RATES } from '../../core/price-books.ts';
import { keyedRates, type PriceRates, RATE_KEYS, type RateKey, ratesOf } from '../../core/price-rates.ts';
import { ruleFromJson, ruleToJson } from '../../core/price-rules.ts';
import { AppError } from '../../lib/errors.ts';
import { formatMoney, type Money, parseMoney } from '../../lib/money.ts';
import { readPriceCsv } from '../../sources/opencost/price-csv.ts';
import type { Clusters, PriceHead, PriceRecord, ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { clusterNames, instantText } from '../texts.ts';

export function addPriceRoutes(add: AddRoute, { access, clusters }: Pick<ServerDeps, 'access' | 'clusters'>): void {
  add(listPrices, async ({ request }) => {
    const principal = principalOf(request);
    const nameOf = await clusterNames(clusters, principal.tenantId);
    const toHead = (price: PriceHead): PriceVersionHead => ({
      ...common(price, nameOf(price.clusterId)),
      storage_class_count: price.storageClassCount,
      rule_count: price.ruleCount,
    });
    return { prices: (await access.prices.list(principal)).map(toHead) };
  });

  add(listPriceBooks, () => ({
    books: BASE_BOOKS.map((base) => ({ base, rates: ratesOnWire(BOOK_RATES[base]) })),
  }));

  add(getPrice, async ({ params, request }) => {
    const principal = principalOf(request);
    const price = await access.prices.get(principal, params.price_version_id);
    const nameOf = await clusterNames(clusters, principal.tenantId);
    return toWire(price, nameOf(price.clusterId));
  });

  const addVersion = async (given: NewVersion, request: FastifyRequest): Promise<PriceVersion> => {
    const principal = principalOf(request);
    const { tenant_id: tenantId, cluster_name: clusterName } = given.body;
    const clusterId =
      clusterName === undefined ? null : await idOf(clusters, tenantId ?? principal.tenantId, clusterName);
    const { base, rates, storageClasses, rules } = given;
    const effectiveFrom = Date.parse(given.body.effective_from);
    const price = { tenantId, clusterId, effectiveFrom, base, rates, storageClasses, rules, note: given.body.note };
    return toWire(await access.prices.add(principal, price), clusterName ?? null);
  };

  add(addPrice, ({ body, request }) => {
    const { base = 'default' } = body;
    const storageClasses = moneyOf(body.storage_classes);
    const rules = body.rules.map(ruleFromJson);
    return addVersion({ body, base, rates: withBase(base, body.rates), storageClasses, rules }, request);
  });

  add(importPrices, ({ body, request }) => {
    const rates = withBase(body.base, body.rates);
    return addVersion({ body, base: body.base, rates, ...readPriceCsv(body.csv) }, request);
  });
}

/** What adding a version takes, whether its rules came as JSON or as CSV. */
interface NewVersion extends Pick<PriceRecord, 'base' | 'rates' | 'storageClasses' | 'rules'> {
  readonly body: Pick<Given, 'tenant_id' | 'cluster_name' | 'effective_from' | 'note'>;
}

async function idOf(clusters: Clusters, tenantId: string, name: string): Promise<string> {
  const cluster = await clusters.getByName(tenantId, name);
  if (cluster) return cluster.id;
  throw new AppError('not_found', `there is no cluster "${name}"`, { details: { field: 'cluster_name' } });
}

type Given = z.output<typeof addPrice.body>;

function withBase(base: BaseBook, given: Given['rates']): PriceRates {
  return ratesOf((name) => {
    const rate = given[RATE_KEYS[name]];
    return rate === undefined ? BOOK_RATES[base][name] : parseMoney(rate);
  });
}

function moneyOf(given: Given['storage_classes']): Record<string, Money> {
  return Object.fromEntries(Object.entries(given).map(([name, rate]) => [name, parseMoney(rate)]));
}

function toWire(price: PriceRecord, clusterName: string | null): PriceVersion {
  const classes = Object.entries(price.storageClasses);
  return {
    ...common(price, clusterName),
    storage_class_count: classes.length,
    rule_count: price.rules.length,
    storage_classes: Object.fromEntries(classes.map(([name, rate]) => [name, formatMoney(rate)])),
    rules: price.rules.map((rule) => ({ ...ruleToJson(rule), ...discountOnWire(rule.discount?.of) })),
  };
}

function discountOnWire(of: readonly ('book' | 'reported')[] | undefined) {
  return of ? { discount_of: [...of] } : { discount_of: undefined };
}

type Head = Pick<
  PriceRecord,
  'id' | 'tenantId' | 'clusterId' | 'effectiveFrom' | 'currency' | 'base' | 'rates' | 'note' | 'createdAt' | 'createdBy'
>;

function common(price: Head, clusterName: string | null) {
  return {
    price_version_id: price.id,
    built_in: price.tenantId === null,
    cluster_id: price.clusterId,
    cluster_name: clusterName,
    effective_from: instantText(price.effectiveFrom),
    currency: price.currency,
    base: price.base,
    rates: ratesOnWire(price.rates),
    note: price.note,
    created_at: instantText(price.createdAt),
    created_by: price.createdBy,
  };
}

function ratesOnWire(rates: PriceRates): Record<RateKey, string> {
  return keyedRates((name) => formatMoney(rates[name]));
}
