import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayRates, PER_USD_MAX, rateAt } from '../../../core/currency.ts';
import { DAY_MS } from '../../../lib/clock.ts';
import { createExchangeRates } from '../exchange-rates.ts';
import { NOW, newTenant, type Store } from './fixtures.conformance.ts';

const FIRST = Date.UTC(2026, 0, 1);
const BY = { at: NOW, actor: 'test' };
const on = (day: number, perUsd: bigint) => ({ effectiveOn: FIRST + day * DAY_MS, perUsd });

export function currenciesConformance(store: Store): void {
  describe('exchange rates', () => {
    test('rates keep their digits and their days, and the later of one day counts', async () => {
      const tenant = await newTenant(store);
      const rates = createExchangeRates(store().db);
      await rates.put(tenant.id, 'EUR', [on(0, 917_431_193n), on(31, 1n), on(31, PER_USD_MAX)], BY);
      await rates.put(tenant.id, 'EUR', [on(0, 920_000_001n)], BY);
      await rates.put(tenant.id, 'JPY', [on(5, 155_250_000_000n)], BY);
      expect(await rates.list(tenant.id, 'EUR')).toEqual([on(0, 920_000_001n), on(31, PER_USD_MAX)]);
      expect(await rates.currencies(tenant.id)).toEqual([
        { currency: 'EUR', rates: 2, firstOn: FIRST, lastOn: FIRST + 31 * DAY_MS },
        { currency: 'JPY', rates: 1, firstOn: FIRST + 5 * DAY_MS, lastOn: FIRST + 5 * DAY_MS },
      ]);
      const other = await newTenant(store);
      expect(await rates.list(other.id, 'EUR')).toEqual([]);
    });

    test('a rate is removed by its day, and a currency whole', async () => {
      const tenant = await newTenant(store);
      const rates = createExchangeRates(store().db);
      await rates.put(tenant.id, 'EUR', [on(0, 1n), on(1, 2n), on(2, 3n)], BY);
      expect(await rates.remove(tenant.id, 'EUR', FIRST + DAY_MS)).toBe(true);
      expect(await rates.remove(tenant.id, 'EUR', FIRST + DAY_MS)).toBe(false);
      expect(await rates.list(tenant.id, 'EUR')).toEqual([on(0, 1n), on(2, 3n)]);
      expect(await rates.remove(tenant.id, 'EUR')).toBe(true);
      expect(await rates.currencies(tenant.id)).toEqual([]);
    });

    test('what is read for a window gives every day of it the rate that all rates give', async () => {
      const tenant = await newTenant(store);
      const rates = createExchangeRates(store().db);
      const given = [on(0, 5n), on(3, 7n), on(4, 11n), on(9, 13n)];
      await rates.put(tenant.id, 'EUR', given, BY);
      const window = fc.record({ from: fc.integer({ min: 0, max: 12 }), days: fc.integer({ min: 1, max: 12 }) });
      await fc.assert(
        fc.asyncProperty(window, async ({ from, days }) => {
          const start = FIRST + from * DAY_MS;
          const end = start + days * DAY_MS;
          const read = await rates.list(tenant.id, 'EUR', { start: start + DAY_MS / 3, end });
          expect(read.length).toBeLessThanOrEqual(given.length);
          const wanted = Array.from({ length: days }, (_, index) => {
            const day = start + index * DAY_MS;
            return { day, perUsd: rateAt(given, day)?.perUsd };
          });
          expect(dayRates(read, { currency: 'EUR', start, end })).toEqual(wanted);
        }),
        { numRuns: 40 },
      );
    });
  });
}
