import { expect, test } from 'vitest';
import { readCostSearch, sortOf, windowOf, withSort, withWindow } from './search-params.ts';

test('a broken address still shows costs: what is wrong is dropped', () => {
  const f = (input: Record<string, unknown>, want: object) =>
    expect(readCostSearch(input), JSON.stringify(input)).toEqual(want);
  f({}, {});
  f({ window: '1d' }, { window: '1d' });
  f({ window: '9y', sort: 'price', order: 'up', cluster: '' }, {});
  f({ window: 'toString' }, {});
  f({ from: '2026-11-02T00:00', to: '2026-11-01T00:00', window: '30d' }, { window: '30d' });
  f({ from: '2026-11-01T00:00' }, {});
  f({ from: '2026-11-01T00:00', to: '2026-11-02T00:00' }, { from: '2026-11-01T00:00', to: '2026-11-02T00:00' });
  f({ q: 5, cluster: true }, { q: '5', cluster: 'true' });
  f({ sort: 'namespace' }, { sort: 'namespace', order: 'asc' });
  f({ sort: 'pods' }, { sort: 'pods', order: 'desc' });
  f({ sort: 'cost', order: 'asc' }, { sort: 'cost', order: 'asc' });
});

test('choosing a window keeps the rest of the view, and the default leaves no trace', () => {
  const search = { cluster: 'prod', from: '2026-11-01T00:00', to: '2026-11-02T00:00' } as const;
  expect(withWindow(search, { preset: '7d' })).toEqual({ cluster: 'prod' });
  expect(windowOf({})).toEqual({ preset: '7d' });
  const range = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 10, 3) };
  expect(windowOf(withWindow({ window: '1d' }, range))).toEqual(range);
});

test('a column sorts the useful way first and turns on the second click', () => {
  const byName = withSort({}, 'namespace');
  expect(sortOf(byName)).toEqual({ key: 'namespace', descending: false });
  expect(sortOf(withSort(byName, 'namespace'))).toEqual({ key: 'namespace', descending: true });
  expect(withSort({}, 'cost')).toEqual({ sort: 'cost', order: 'asc' });
  expect(withSort(withSort({}, 'cost'), 'cost')).toEqual({});
});
