import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;

test('places are given in the order they were asked for, and never more at once than there are', async () => {
  const slots = createSlots({ places: 2, waitingMax: 10, waitMs: 10_000 });
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const release = await slots.take(never);
      order.push(index);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      release();
      release(); // counts once
    }),
  );
  expect([order, most]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2]);
});

test('a full queue refuses at once, one that waits too long is refused too, and neither costs a place', async () => {
  const slots = createSlots({ places: 1, waitingMax: 1, waitMs: 30 });
  const release = await slots.take(never);
  const waiting = slots.take(never);
  await expect(slots.take(never)).rejects.toMatchObject({ code: 202, status: 503, message: /1 statements wait/ });
  await expect(waiting).rejects.toMatchObject({ code: 202, status: 503, message: /waited 30 ms/ });
  release();
  (await slots.take(never))();
});

test('whoever goes away leaves the queue', async () => {
  const slots = createSlots({ places: 1, waitingMax: 1, waitMs: 10_000 });
  const release = await slots.take(never);
  const leaving = new AbortController();
  const waiting = slots.take(leaving.signal);
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ code: 394 });
  const next = slots.take(never);
  release();
  (await next)();
});
