import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/support/engine.ts';
import { convertMoney } from '../core/currency.ts';
import { DAY_MS } from '../lib/clock.ts';
import { formatMoney, type Money, parseMoney } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { boundRates, convertedSum, NO_CONVERSION } from './currency.ts';

const FIRST = Date.UTC(2026, 0, 1);
const COSTS = `
  SELECT toString(${convertedSum('cost')}) AS cost
  FROM
  (
      SELECT toDate(toUInt16(c.1)) AS day, CAST(toDecimal128(c.2, 12) AS Decimal(18, 12)) AS cost
      FROM (SELECT arrayJoin(arrayZip({days:Array(UInt16)}, {costs:Array(String)})) AS c)
  )`;
const Answer = z.object({ cost: z.string() });

let columnar: Columnar;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ columnar, close } = await testDatabase());
});
afterAll(() => close());

async function converted(rows: readonly { day: number; cost: Money }[], params: object): Promise<string> {
  const days = rows.map(({ day }) => FIRST / DAY_MS + day);
  const costs = rows.map(({ cost }) => formatMoney(cost));
  const [answer] = await columnar.rows({ sql: COSTS, params: { days, costs, ...params }, row: Answer });
  return answer?.cost ?? 'nothing';
}

test('the engine converts each day by its own rate and rounds the sum once, as plain arithmetic does', async () => {
  const row = fc.record({
    day: fc.integer({ min: 0, max: 3 }),
    cost: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map((pico) => parseMoney(`${pico}e-12`)),
  });
  const rate = fc.bigInt({ min: 1n, max: 200_000n * 10n ** 9n });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      fc.tuple(rate, rate, rate, rate),
      async (rows, rates) => {
        const days = rates.map((perUsd, day) => ({ day: FIRST + day * DAY_MS, perUsd }));
        // Pico-dollars times billionths are what is summed; rounding them is converting at one unit for a dollar.
        const sum = rows.reduce((all, { day, cost }) => all + cost * (rates[day] ?? 0n), 0n);
        expect(await converted(rows, boundRates(days))).toBe(formatMoney(convertMoney(parseMoney(`${sum}e-12`), 1n)));
      },
    ),
    { numRuns: 40 },
  );
});

test('dollars stay what they are', async () => {
  const rows = [{ day: 0, cost: parseMoney('0.000123456789') }];
  expect(await converted(rows, NO_CONVERSION)).toBe('0.000123456789');
});
