import type { Window } from '../core/coverage.ts';

/** Cuts that are asked for at once where sets are told as they are found: planning a statement then is a tenth of it. */
const BATCH_CUTS = 10_000;

/** Adjoining sets in batches of so many cuts, or of one set that has more; `cutsOf` tells of a set how many it has. */
export function batchesOf(sets: readonly Window[], cutsOf: (set: Window) => number): Window[][] {
  const batches: Window[][] = [];
  let room = 0;
  for (const set of sets) {
    const cuts = cutsOf(set);
    const batch = batches.at(-1);
    if (batch === undefined || cuts > room) {
      batches.push([set]);
      room = BATCH_CUTS - cuts;
    } else {
      batch.push(set);
      room -= cuts;
    }
  }
  return batches;
}

interface Reading<T, U> {
  /** What was read of the first batch. */
  readonly first: T;
  readonly read: (sets: readonly Window[]) => Promise<T>;
  readonly settle: (sets: readonly Window[], found: T) => readonly U[];
}

/** What each batch is settled to, in order; the next is read while one is taken, and no more than that. */
export async function* oneAhead<T, U>(
  batches: readonly (readonly Window[])[],
  { first, read, settle }: Reading<T, U>,
): AsyncGenerator<U> {
  let coming: Promise<T> | T = first;
  for (const [index, sets] of batches.entries()) {
    const settled = settle(sets, await coming);
    const next = batches[index + 1];
    if (next !== undefined) {
      const reading = read(next);
      reading.catch(() => undefined); // whoever still takes is told
      coming = reading;
    }
    yield* settled;
  }
}
