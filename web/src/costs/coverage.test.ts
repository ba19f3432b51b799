import { expect, test } from 'vitest';
import { clustersByCoverage, hoursAsked } from './coverage.ts';

const cluster = (name: string, hours: number, ratio: number) => ({
  cluster_name: name,
  hours_covered: hours,
  ratio,
  sources: ['agent'],
});

test('the cluster that lacks most comes first, and a complete one lacks nothing', () => {
  const clusters = [cluster('b', 24, 1), cluster('silent', 0, 0), cluster('a', 24, 1), cluster('late', 18, 0.75)];
  const coverage = { hours_asked: 96, hours_covered: 66, ratio: 66 / 96, clusters };
  expect(hoursAsked(coverage)).toBe(24);
  expect(clustersByCoverage(coverage).map(({ name, hoursMissing }) => [name, hoursMissing])).toEqual([
    ['silent', 24],
    ['late', 6],
    ['a', 0],
    ['b', 0],
  ]);
});

test('a tenant without clusters was asked for nothing', () => {
  expect(hoursAsked({ hours_asked: 0, hours_covered: 0, ratio: 0, clusters: [] })).toBe(0);
});
