import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurnstile, WAITERS_MAX } from './turnstile.ts';

test('one at a time, in the order of arrival', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 20 }), async (scheduler, visitors) => {
      const turnstile = createTurnstile(60_000);
      const order: number[] = [];
      let inside = 0;
      const visits = Array.from({ length: visitors }, async (_, visitor) => {
        await turnstile.enter();
        inside += 1;
        expect(inside).toBe(1);
        order.push(visitor);
        await scheduler.schedule(Promise.resolve());
        inside -= 1;
        turnstile.leave();
      });
      await scheduler.waitFor(Promise.all(visits));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    { numRuns: 30 },
  );
});

test('who waits too long is told so, and is not in the way afterwards', async () => {
  const turnstile = createTurnstile(5);
  await turnstile.enter();
  await expect(turnstile.enter()).rejects.toMatchObject({ code: 'store_unavailable' });
  turnstile.leave();
  await turnstile.enter();
  turnstile.leave();
});

test('the queue is bounded', async () => {
  const turnstile = createTurnstile(60_000);
  await turnstile.enter();
  const waiting = Array.from({ length: WAITERS_MAX }, () => turnstile.enter().then(() => turnstile.leave()));
  await expect(turnstile.enter()).rejects.toMatchObject({ code: 'store_unavailable' });
  turnstile.leave();
  await Promise.all(waiting);
});
