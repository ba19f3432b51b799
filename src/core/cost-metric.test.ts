import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { formatMoney, parseMoney } from '../lib/money.ts';
import { type CostMetric, rateOver } from './cost-metric.ts';

const START = Date.UTC(2026, 0, 1);

test('a rate is the cost by the hour of the window, times the hours of its period, exact to 1e-12', () => {
  const f = (metric: CostMetric, [hours, cost]: [number, string], want: string) => {
    const window = { start: START, end: START + hours * HOUR_MS };
    expect(formatMoney(rateOver(metric, window, START + 90 * DAY_MS)(parseMoney(cost))), `${metric} of ${cost}`).toBe(
      want,
    );
  };
  f('cumulative', [3, '1'], '1');
  f('hourly', [3, '1'], '0.333333333333');
  f('hourly', [3, '2'], '0.666666666667');
  f('hourly', [3, '-2'], '-0.666666666667');
  f('daily', [24, '1.5'], '1.5');
  f('daily', [168, '7'], '1');
  f('monthly', [24, '1'], '30.416666666667');
  f('monthly', [730, '99999999.999999999999'], '99999999.999999999999');
});

test('of a window that is open, only the hours that have passed count; of one that has not begun nothing is said', () => {
  const day = { start: START, end: START + DAY_MS };
  const hourly = (now: number) => formatMoney(rateOver('hourly', day, now)(parseMoney('3')));
  expect(hourly(START + 6 * HOUR_MS)).toBe('0.5');
  expect(hourly(START + 90 * MINUTE_MS)).toBe('2');
  expect(hourly(START + 2 * DAY_MS)).toBe('0.125');
  expect(hourly(START - 1)).toBe('0');
});
