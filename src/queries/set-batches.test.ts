import { expect, test } from 'vitest';
import { HOUR_MS } from '../lib/clock.ts';
import { batchesOf, oneAhead } from './set-batches.ts';

const windows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ start: index * HOUR_MS, end: (index + 1) * HOUR_MS }));
const starts = (sets: readonly { start: number }[]) => sets.map(({ start }) => start / HOUR_MS);

test('small sets are asked for together, and each large one by itself, in order', () => {
  const f = (cuts: number[], want: number[][]) => {
    const batches = batchesOf(windows(cuts.length), ({ start }) => cuts[start / HOUR_MS] ?? 0);
    expect(batches.map(starts), cuts.join()).toEqual(want);
  };
  f([], []);
  f([10_000, 10_000], [[0], [1]]);
  f(
    [4_000, 4_000, 4_000, 0],
    [
      [0, 1],
      [2, 3],
    ],
  );
  f([50_000, 1, 1, 50_000, 0], [[0], [1, 2], [3], [4]]);
});

interface Read {
  readonly sets: readonly number[];
  readonly done: PromiseWithResolvers<string>;
}

/** Batches of one set each, of which each is read when the test says so. */
function reading(count: number) {
  const reads: Read[] = [];
  const told = oneAhead(
    windows(count).map((set) => [set]),
    {
      first: 'first',
      read(sets) {
        const done = Promise.withResolvers<string>();
        reads.push({ sets: starts(sets), done });
        return done.promise;
      },
      settle: (sets, found) => starts(sets).map((set) => `${set}: ${found}`),
    },
  );
  return { reads, told };
}

test('the next is read while one is taken, and none after it', async () => {
  const { reads, told } = reading(4);
  expect(reads).toEqual([]);
  expect((await told.next()).value).toBe('0: first');
  expect(reads.map(({ sets }) => sets)).toEqual([[1]]);
  reads[0]?.done.resolve('second');
  expect((await told.next()).value).toBe('1: second');
  expect(reads.map(({ sets }) => sets)).toEqual([[1], [2]]);
});

test('what was read is told before a later read fails, and nothing after it', async () => {
  const { reads, told } = reading(3);
  expect((await told.next()).value).toBe('0: first');
  reads[0]?.done.reject(new Error('the store is away'));
  await expect(told.next()).rejects.toThrow('the store is away');
  expect(await told.next()).toEqual({ value: undefined, done: true });
});

test('whoever stops taking is not told of what failed meanwhile', async () => {
  const { reads, told } = reading(3);
  await told.next();
  reads[0]?.done.reject(new Error('nobody waits for it'));
  expect(await told.return(undefined)).toEqual({ value: undefined, done: true });
});
