import { expect, test } from 'vitest';
import { ALL } from '../core/filter/tree.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import { parseMoney, ZERO } from '../lib/money.ts';
import type { Allocations } from './allocations.ts';
import { keepAllocations } from './kept-allocations.ts';

const NOW = Date.parse('2026-01-05T10:30:00Z');
const VIEW = {
  stamp: '',
  clusters: new Set<string>(),
  coverage: new Map(),
  plan: { dayFrom: '', dayTo: '', exceptions: [], unsummed: [] },
};
const OVER = [{ start: NOW - 2 * DAY_MS, end: NOW - DAY_MS }];
const OPEN = [{ start: NOW - DAY_MS, end: NOW + HOUR_MS }];

/** Questions that are asked of what is kept; `read` counts those that came through to the ledger. */
function kept() {
  const clock = { at: NOW, now: () => clock.at };
  let read = 0;
  const answer: Allocations = {
    sets: [],
    coverage: { hours_asked: 0, hours_covered: 0, ratio: 0, clusters: [] },
    currency: 'USD',
  };
  const queries = keepAllocations(
    {
      async sets() {
        read += 1;
        return answer;
      },
    },
    clock,
  );
  const ask = async (asOf: string | undefined, { sets = OVER, tenant = 'a', monthly = ZERO } = {}) => {
    await queries.sets(
      {
        tenant,
        onlyCluster: null,
        sets,
        keys: [],
        filter: ALL,
        idle: 'keep',
        idleBy: 'cluster',
        splitIdle: false,
        share: { rows: null, monthly, split: 'weighted' },
      },
      undefined,
      asOf === undefined ? undefined : { stamp: asOf, view: VIEW },
    );
    return read;
  };
  return { clock, ask };
}

test('the same question of the same ledger is read once', async () => {
  const { ask, clock } = kept();
  expect([await ask('1'), await ask('1')]).toEqual([1, 1]);
  clock.at += DAY_MS;
  expect(await ask('1')).toBe(1);
});

test.each([
  ['a ledger that has changed', '2', {}],
  ['another tenant', '1', { tenant: 'b' }],
  ['another window', '1', { sets: OPEN }],
  ['another amount to be shared', '1', { monthly: parseMoney('1') }],
  ['a ledger of which nobody says how new it is', undefined, {}],
])('%s is read anew', async (_, asOf, other) => {
  const { ask } = kept();
  await ask('1');
  expect(await ask(asOf, other)).toBe(2);
});

test('while hours are not over, an answer stands for the minute', async () => {
  const { ask, clock } = kept();
  expect([await ask('1', { sets: OPEN }), await ask('1', { sets: OPEN })]).toEqual([1, 1]);
  clock.at += MINUTE_MS;
  expect(await ask('1', { sets: OPEN })).toBe(2);
});
