import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { storeAhead } from './store-ahead.ts';

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i += 1) {
    await turn();
    yield i;
  }
}

test('pieces are told of in order, each after it and all before it are stored, and few are under way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 12 }),
      fc.nat({ max: 4 }),
      fc.array(fc.nat({ max: 5 })),
      async (to, aheadMax, turns) => {
        const stored = new Set<number>();
        const told: number[] = [];
        let underWay = 0;
        let most = 0;
        await storeAhead(count(to), {
          aheadMax,
          async store(piece) {
            most = Math.max(most, ++underWay);
            for (let i = turns[piece] ?? 0; i > 0; i -= 1) await turn();
            underWay -= 1;
            stored.add(piece);
          },
          stored(piece) {
            expect(Array.from({ length: piece + 1 }, (_, i) => stored.has(i))).not.toContain(false);
            told.push(piece);
            return Promise.resolve(true);
          },
        });
        expect(told).toEqual(Array.from({ length: to }, (_, i) => i));
        expect(most).toBeLessThanOrEqual(aheadMax + 1);
      },
    ),
    { numRuns: 50 },
  );
});

test('after a piece that fails none is told of, and nothing is under way when it throws', async () => {
  const told: number[] = [];
  let underWay = 0;
  const storing = storeAhead(count(10), {
    aheadMax: 2,
    async store(piece) {
      underWay += 1;
      for (let i = 0; i < 10 - piece; i += 1) await turn();
      underWay -= 1;
      if (piece === 3) throw new Error('full');
    },
    stored: (piece) => Promise.resolve(told.push(piece) > 0),
  });
  await expect(storing).rejects.toThrow('full');
  expect(told).toEqual([0, 1, 2]);
  expect(underWay).toBe(0);
});

test('what was fetched when it is told to end is stored and told of; no more is fetched', async () => {
  const told: number[] = [];
  await storeAhead(count(10), {
    aheadMax: 1,
    store: () => Promise.resolve(),
    stored: (piece) => Promise.resolve(told.push(piece) < 2),
  });
  expect(told).toEqual([0, 1, 2]);
});
