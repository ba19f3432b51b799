import { expect, test } from 'vitest';
import { formatCount, formatCoverage, formatHours, formatPercent } from './numbers.ts';

test('a percentage keeps a decimal only where it says something, and unknown is a dash', () => {
  const f = (ratio: number | null, want: string) => expect(formatPercent(ratio), String(ratio)).toBe(want);
  f(null, '–');
  f(0, '0 %');
  f(0.0001, '<0.1 %');
  f(0.042, '4.2 %');
  f(0.0996, '10 %');
  f(0.426, '43 %');
  f(1.31, '131 %');
  f(-0.05, '−5.0 %');
});

test('coverage never claims to be complete while an hour is missing', () => {
  const f = (ratio: number, want: string) => expect(formatCoverage(ratio), String(ratio)).toBe(want);
  f(1, '100 %');
  f(0.9999, '99.9 %');
  f(0.9826, '98.2 %');
  f(0, '0 %');
  f(0.0001, '<0.1 %');
});

test('counts and hours read as people write them', () => {
  expect(formatCount(12_040)).toBe('12,040');
  expect(formatHours(1)).toBe('1 hour');
  expect(formatHours(27.96)).toBe('28 hours');
  expect(formatHours(0.0001)).toBe('1 minute');
  expect(formatHours(0.5)).toBe('30 minutes');
  expect(formatHours(0)).toBe('0 minutes');
});
