import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LabelSet } from '../../core/series.ts';
import { AppError } from '../../lib/errors.ts';
import { readMatrix } from './matrix.ts';

const WINDOW = { from: 1_000_000, to: 2_000_000 };

function read(text: string) {
  const told: [LabelSet, number, number][] = [];
  let open: LabelSet = {};
  const summary = readMatrix(Buffer.from(text), WINDOW, {
    series(labels) {
      open = labels;
      return { add: (at, value) => told.push([open, at, value]) };
    },
    endSeries() {},
  });
  return { summary, told };
}

const name = fc.stringMatching(/^[a-z_]{1,8}$/);
/** A text has no -0 that differs from 0. */
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const series = fc.record({
  metric: fc.dictionary(name, fc.string({ unit: 'binary' })),
  values: fc.array(fc.tuple(fc.integer({ min: 1_000_000, max: 1_999_999 }), double)),
});

const textOf = (all: readonly { metric: object; values: readonly (readonly [number, number])[] }[]) =>
  JSON.stringify({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: all.map(({ metric, values }) => ({
        metric,
        values: values.map(([at, value]) => [at / 1_000, String(value)]),
      })),
    },
  });

test('every point of every series is told, whatever its labels', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (all) => {
      const want = all.flatMap(({ metric, values }) => values.map(([at, value]) => [{ ...metric }, at, value]));
      expect(read(textOf(all)).told).toEqual(want);
    }),
  );
});

test('an answer that breaks off anywhere, or is anything else, is refused with a code and never half believed', () => {
  const text = textOf([{ metric: { __name__: 'up', pod: 'a' }, values: [[1_500_000, 1.5]] }]);
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), (length) => {
      expect(() => read(text.slice(0, length))).toThrow(AppError);
    }),
  );
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.string({ maxLength: 3 }), (at, noise) => {
      try {
        read(text.slice(0, at) + noise + text.slice(at + 1));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 1_000 },
  );
  fc.assert(
    fc.property(fc.json(), (anything) => {
      try {
        read(anything);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
  );
});

test('points beside the window are passed over, and what is no finite number is counted', () => {
  const values = '[[999.999,"1"],[1000,"2"],[1500,"NaN"],[1500.5,"+Inf"],[1999.999,"3"],[2000,"4"]]';
  const text = `{"status":"success","infos":["an aside"],"data":{"result":[{"metric":{},"values":${values},"histograms":[[1,{}],[2,{}]]}],"resultType":"matrix"}}`;
  const { summary, told } = read(text);
  expect(told).toEqual([
    [{}, 1_000_000, 2],
    [{}, 1_999_999, 3],
  ]);
  expect(summary).toMatchObject({ warnings: [], refused: { not_finite: 2, native_histogram: 2 } });
});

test('what an upstream says of its own answer is heard, wherever in it', () => {
  const f = (text: string) => read(text).summary;
  expect(f('{"warnings":["store a is away"],"data":null,"status":"success"}').warnings).toEqual(['store a is away']);
  expect(f('{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[]}}').warnings).toHaveLength(
    1,
  );
  expect(f('{"status":"success","isPartial":false,"warnings":[],"data":null}').warnings).toEqual([]);
  expect(f('{"status":"error","errorType":"execution","error":"no"}')).toMatchObject({ status: 'error', error: 'no' });
});

test('an answer that is no matrix is refused by its type', () => {
  expect(() => read('{"status":"success","data":{"resultType":"vector","result":[]}}')).toThrow(
    /a vector where a matrix/,
  );
});
