import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeOracle, readOracle } from '../../../test/support/opencost-oracle.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../lib/clock.ts';
import { parseDuration } from './duration.ts';

test('a duration is read as Go writes it, with days and weeks', () => {
  const f = (text: string, want: number) => expect(parseDuration(text), text).toBe(want);
  f('1h', HOUR_MS);
  f(' 1h30m ', 1.5 * HOUR_MS);
  f('1.5h', 1.5 * HOUR_MS);
  f('2d3h', 2 * DAY_MS + 3 * HOUR_MS);
  f('1w', 7 * DAY_MS);
  f('-1d', -DAY_MS);
  f('+1d', DAY_MS);
  f('100ms', 100);
  f('1500us', 1.5);
  f('0s', 0);
  f('offset 3h', 3 * HOUR_MS);
});

test('anything else is refused', () => {
  const f = (text: string) => expect(() => parseDuration(text), text).toThrow(/cannot be read; it can be 1h/);
  for (const text of [
    '',
    ' ',
    '1',
    'h',
    '1x',
    '1h 30m',
    '--1h',
    '1.h',
    '.5h',
    '1e3h',
    'offset',
    '1H',
    '1h'.repeat(60),
  ]) {
    f(text);
  }
});

test('any text is a finite number of milliseconds or a refusal', () => {
  const almost = fc.array(fc.constantFrom('9', '1', 'h', 'd', 'ms', '.', '-', 'offset '), { maxLength: 30 });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        almost.map((words) => words.join('')),
      ),
      (text) => {
        try {
          expect(Number.isFinite(parseDuration(text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
        }
      },
    ),
  );
});

const Table = z.object({ cases: z.record(z.string(), z.object({ input: z.string(), expected: z.number() })) });

/** Rows whose 0 stands for an error in Go. */
const REFUSED = new Set(['empty', 'bad string', 'digit', 'unit']);

describeOracle('duration_parse', () => {
  test.each(Object.entries(readOracle('duration_parse', Table).cases))('the same duration: %s', (name, row) => {
    if (REFUSED.has(name)) expect(() => parseDuration(row.input)).toThrow(/cannot be read/);
    else expect(parseDuration(row.input)).toBeCloseTo(row.expected * SECOND_MS, 6);
  });
});
