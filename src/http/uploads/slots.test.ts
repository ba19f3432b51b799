import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;

test('one owner has its share and no more; others have theirs', () => {
  const slots = createSlots({ max: 3, perOwnerMax: 2 });
  const first = slots.tryTake('a');
  expect([first, slots.tryTake('a'), slots.tryTake('a')].map((slot) => slot !== null)).toEqual([true, true, false]);
  expect([slots.tryTake('b'), slots.tryTake('c')].map((slot) => slot !== null)).toEqual([true, false]);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose](); // once is all it counts for
  expect([slots.tryTake('c'), slots.tryTake('c')].map((slot) => slot !== null)).toEqual([true, false]);
});

test('who waits is served in turn, past those whose share is used up, and not after leaving', async () => {
  const slots = createSlots({ max: 2, perOwnerMax: 1 });
  const served: string[] = [];
  const leaving = new AbortController();
  const [a, b] = [await slots.take('a', never), await slots.take('b', never)];
  const wait = async (owner: string, signal = never) => {
    await slots.take(owner, signal);
    served.push(owner);
  };
  const gone = expect(wait('b', leaving.signal)).rejects.toThrow('left');
  const waits = [wait('a'), wait('c')];
  leaving.abort(new Error('left'));
  await gone;
  b[Symbol.dispose]();
  await waits[1];
  expect(served).toEqual(['c']);
  a[Symbol.dispose]();
  await Promise.all(waits);
  expect(served).toEqual(['c', 'a']);
});

test('whatever comes and goes, no limit is passed, and all is free in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 60 }), (steps) => {
      const slots = createSlots({ max: 4, perOwnerMax: 2 });
      const held: { owner: string; slot: Disposable }[] = [];
      for (const [owner, comes] of steps) {
        if (!comes) held.shift()?.slot[Symbol.dispose]();
        const slot = comes ? slots.tryTake(owner) : null;
        if (slot) held.push({ owner, slot });
        expect(held.length).toBeLessThanOrEqual(4);
        expect(held.filter((one) => one.owner === owner).length).toBeLessThanOrEqual(2);
      }
      for (const { slot } of held) slot[Symbol.dispose]();
      expect(['a', 'a', 'b', 'b', 'c'].map((owner) => slots.tryTake(owner) !== null)).toEqual([
        true,
        true,
        true,
        true,
        false,
      ]);
    }),
  );
});
