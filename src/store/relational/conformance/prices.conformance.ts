import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RATE_MAX } from '../../../core/price-rates.ts';
import type { PriceRule } from '../../../core/price-rules.ts';
import { HOUR_MS } from '../../../lib/clock.ts';
import { formatMoney, type Money, parseMoney } from '../../../lib/money.ts';
import { createClusters } from '../clusters.ts';
import { createPriceVersions, DEFAULT_PRICE_VERSION_ID, type PriceVersionHead } from '../price-versions.ts';
import { NOW, newTenant, newVersion, type Store, sameRates } from './fixtures.conformance.ts';

export function pricesConformance(store: Store): void {
  describe('prices', () => {
    test('the built-in book prices every hour of every tenant', async () => {
      const tenant = await newTenant(store);
      const prices = createPriceVersions(store().db);
      const [first, last] = await prices.effectiveAt(tenant.id, crypto.randomUUID(), [0, NOW]);
      expect(first).toEqual(last);
      expect(first?.id).toBe(DEFAULT_PRICE_VERSION_ID);
      const texts = Object.fromEntries(
        Object.entries(first?.rates ?? {}).map(([key, rate]) => [key, formatMoney(rate)]),
      );
      expect(texts).toEqual({
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
    });

    test('rates keep all twelve decimals', async () => {
      const tenant = await newTenant(store);
      const prices = createPriceVersions(store().db);
      const rates = sameRates(parseMoney('123456.123456789012'));
      const added = await prices.add(tenant.id, { ...newVersion(0), rates });
      expect((await prices.get(tenant.id, added.id))?.rates).toEqual(rates);
    });

    test('rules and storage classes come back as they were given', async () => {
      const tenant = await newTenant(store);
      const prices = createPriceVersions(store().db);
      const rules: PriceRule[] = [
        { match: { pool: 'Batch', spot: false, labels: { 'a.b/c': 'd' } }, nodeHour: parseMoney('0.400000000001') },
        { match: {}, gpuHour: parseMoney('2'), discount: { share: 12_345_678n, of: ['book'] } },
      ];
      const storageClasses = { 'fast-ssd': parseMoney('0.000123456789') };
      const added = await prices.add(tenant.id, { ...newVersion(0), rules, storageClasses });
      expect(added).toMatchObject({ rules, storageClasses });
      expect(await prices.get(tenant.id, added.id)).toEqual(added);
      expect(
        (await prices.effectiveAt(tenant.id, crypto.randomUUID(), [0, HOUR_MS])).map(({ rules }) => rules),
      ).toEqual([added.rules, added.rules]);
      const [, head] = await prices.list(tenant.id);
      expect(head).toMatchObject({ id: added.id, ruleCount: 2, storageClassCount: 1 });
    });

    test.each([
      ['half an hour', { effectiveFrom: HOUR_MS / 2 }],
      ['a negative rate', { rates: sameRates(parseMoney('-0.1')) }],
      ['a rule that sets nothing', { rules: [{ match: {} }] }],
      [
        'a discount beyond the whole',
        { rules: [{ match: {}, discount: { share: 100_000_001n, of: ['book'] as const } }] },
      ],
      ['a rate that cannot be held', { rates: sameRates((RATE_MAX + 1n) as Money) }],
    ])('%s is refused', async (_, wrong) => {
      const tenant = await newTenant(store);
      const adding = createPriceVersions(store().db).add(tenant.id, { ...newVersion(0), ...wrong });
      await expect(adding).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('what a naive reading of the rule picks is what is effective', async () => {
      const prices = createPriceVersions(store().db);
      const version = fc.record({ hour: fc.integer({ min: 0, max: 6 }), scope: fc.constantFrom('tenant', 'a', 'b') });
      const asked = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(fc.array(version, { maxLength: 8 }), asked, async (versions, hours) => {
          const tenant = await newTenant(store);
          const clusters = createClusters(store().db);
          const a = await clusters.resolve(tenant.id, 'a', NOW);
          const b = await clusters.resolve(tenant.id, 'b', NOW);
          for (const { hour, scope } of versions) {
            const clusterId = { tenant: null, a: a.id, b: b.id }[scope] ?? null;
            await prices.add(tenant.id, { ...newVersion(hour * HOUR_MS), clusterId });
          }
          const known = await prices.list(tenant.id);
          const picked = await prices.effectiveAt(
            tenant.id,
            a.id,
            hours.map((hour) => hour * HOUR_MS),
          );
          expect(picked.map((it) => it.id)).toEqual(hours.map((hour) => naivePick(known, a.id, hour * HOUR_MS)));
        }),
        { numRuns: 25 },
      );
    });

    test('a reader that follows arrivals misses none', async () => {
      const prices = createPriceVersions(store().db);
      const tenant = await newTenant(store);
      const before = (await prices.arrivedAfter(0n, 10_000)).at(-1)?.seq ?? 0n;
      const added = await Promise.all([1, 2, 3, 4, 5].map((hour) => prices.add(tenant.id, newVersion(hour * HOUR_MS))));
      const seen = await prices.arrivedAfter(before, 100);
      expect(seen.map((it) => it.id).toSorted()).toEqual(added.map((it) => it.id).toSorted());
      expect(await prices.arrivedAfter(seen.at(-1)?.seq ?? 0n, 100)).toEqual([]);
    });
  });
}

/** Scope by scope, narrowest first: walk the arrivals and keep the one that starts last. */
function naivePick(versions: readonly PriceVersionHead[], clusterId: string, hour: number): string | undefined {
  const scopes = [
    versions.filter((it) => it.clusterId === clusterId),
    versions.filter((it) => it.clusterId === null && it.tenantId !== null),
    versions.filter((it) => it.tenantId === null),
  ];
  for (const scope of scopes) {
    let best: PriceVersionHead | undefined;
    for (const it of scope) {
      if (it.effectiveFrom <= hour && (!best || it.effectiveFrom >= best.effectiveFrom)) best = it;
    }
    if (best) return best.id;
  }
  return undefined;
}
