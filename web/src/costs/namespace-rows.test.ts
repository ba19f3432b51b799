import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NamespaceCosts } from '../../../src/contracts/costs.ts';
import { describeOthers } from './cost-parts.ts';
import { cpuCost } from './cpu-cost.fixture.ts';
import { arrange, SORT_KEYS, summarize } from './namespace-rows.ts';

type Item = NamespaceCosts['costs'][number];

function item(namespace: string, total: string, facts: { pods?: number; efficiency?: number | null } = {}): Item {
  return {
    namespace,
    total_cpu_request_millicores: 0,
    total_memory_request_bytes: 0,
    avg_cpu_usage_millicores: 0,
    avg_memory_usage_bytes: 0,
    pod_count: facts.pods ?? 1,
    estimated_cost_usd: Number(total),
    cost: cpuCost(total),
    efficiency: { cpu: null, ram: null, total: facts.efficiency ?? null },
  };
}

const reply = (total: string, costs: Item[]) => ({ total: cpuCost(total), costs });

test('allocated, idle and overcommitment add up to the total', () => {
  const summary = summarize(
    reply('10.5', [item('web', '8'), item('db', '3'), item('__idle__', '0.5'), item('__overcommit__', '-1')]),
  );
  expect(summary.allocated + summary.idle + summary.overcommit).toBe(summary.total);
  expect(summary.allocated).toBe(11_000_000_000_000n);
  expect(summary.namespaces.map((row) => row.namespace)).toEqual(['web', 'db']);
  expect(summary.special.map((row) => row.namespace)).toEqual(['__idle__', '__overcommit__']);
});

test('what is allocated is told by resource without what nobody was charged for, and fees stand by themselves', () => {
  const cost = (parts: Partial<Item['cost']>, total: string) => ({ ...cpuCost('0'), ...parts, total });
  const costs = [
    { ...item('web', '0'), cost: cost({ cpu: '2', pv: '0.5', gpu: '1' }, '3.5') },
    { ...item('__idle__', '0'), cost: cost({ cpu: '1', gpu: '4' }, '5') },
    { ...item('__management__', '0'), cost: cost({ management: '0.25' }, '0.25') },
  ];
  const total = cost({ cpu: '3', pv: '0.5', gpu: '5', management: '0.25' }, '8.75');
  const { allocated, allocatedParts, idle, management, namespaces } = summarize({ total, costs });
  const dollars = 1_000_000_000_000n;
  expect([allocated, idle, management].map((amount) => (amount * 100n) / dollars)).toEqual([350n, 500n, 25n]);
  expect(allocatedParts.cpu).toBe(2n * dollars);
  expect(describeOthers(allocatedParts)).toBe('GPUs $1.00, Volumes $0.50');
  expect(namespaces.map(({ other }) => (other * 10n) / dollars)).toEqual([15n]);
});

test('a namespace whose name only looks special stays a namespace', () => {
  expect(summarize(reply('1', [item('__idle', '1'), item('toString', '0')])).namespaces).toHaveLength(2);
});

test('unknown efficiency comes last in either order', () => {
  const { namespaces } = summarize(
    reply('3', [item('a', '1'), item('b', '1', { efficiency: 0.2 }), item('c', '1', { efficiency: 0.9 })]),
  );
  const names = (descending: boolean) =>
    arrange(namespaces, '', { key: 'efficiency', descending }).map((row) => row.namespace);
  expect(names(true)).toEqual(['c', 'b', 'a']);
  expect(names(false)).toEqual(['b', 'c', 'a']);
});

test('search finds every word, in any order and case', () => {
  const { namespaces } = summarize(reply('2', [item('team-a-web', '1'), item('team-b-web', '1')]));
  const found = (search: string) =>
    arrange(namespaces, search, { key: 'cost', descending: true }).map((row) => row.namespace);
  expect(found('WEB a-')).toEqual(['team-a-web']);
  expect(found('  ')).toHaveLength(2);
  expect(found('nothing')).toEqual([]);
});

test('sorting keeps every row, whatever the key', () => {
  const rows = fc.array(fc.record({ name: fc.string(), pods: fc.nat(), cents: fc.nat(100_000) }));
  fc.assert(
    fc.property(rows, fc.constantFrom(...SORT_KEYS), fc.boolean(), (facts, key, descending) => {
      const { namespaces } = summarize(
        reply(
          '1',
          facts.map(({ name, pods, cents }) => item(name, (cents / 100).toFixed(2), { pods })),
        ),
      );
      const sorted = arrange(namespaces, '', { key, descending });
      expect(new Set(sorted)).toEqual(new Set(namespaces));
    }),
  );
});
