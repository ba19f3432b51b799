import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSeries } from '../../core/series.ts';
import { PointColumns } from './point-columns.ts';

test('blocks hold every point once, no more than they may, and the series of each', () => {
  const lengths = fc.array(fc.nat({ max: 50 }), { maxLength: 12 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 60 }), (counts, pointsMax) => {
      const columns = new PointColumns();
      const want: [bigint, bigint, number][] = [];
      for (const [index, count] of counts.entries()) {
        const series = toSeries({ __name__: 'up', instance: String(index) });
        for (let i = 0; i < count; i += 1) {
          const at = 1_700_000_000_000 + want.length * 86_399_999;
          columns.add(at, want.length / 3);
          want.push([series.id, BigInt(at), want.length / 3]);
        }
        columns.endSeries(series);
      }
      const blocks = [...columns.blocks(pointsMax)];
      const got = blocks.flatMap(({ ids, ats, values }) => Array.from(ids, (id, i) => [id, ats[i], values[i]]));
      expect(got).toEqual(want);
      for (const { series, ids } of blocks) {
        expect(ids.length).toBeLessThanOrEqual(pointsMax);
        expect(series.map(({ id }) => id)).toEqual([...new Set(ids)]);
      }
    }),
  );
});

test('columns grow past their first size without losing a point', () => {
  const columns = new PointColumns();
  const series = toSeries({ __name__: 'up' });
  for (let i = 0; i < 20_000; i += 1) columns.add(i, -i);
  columns.endSeries(series);
  const [block] = columns.blocks(100_000);
  expect(block?.ats.every((at, i) => at === BigInt(i) && block.values[i] === -i && block.ids[i] === series.id)).toBe(
    true,
  );
});
