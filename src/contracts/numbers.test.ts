import { expect, test } from 'vitest';
import { z } from 'zod';
import { decimalNumberOr, wholeNumber, wholeNumberOr } from './numbers.ts';

const read = (schema: z.ZodType, given: unknown) => {
  const { success, data, error } = z.object({ n: schema }).safeParse(given === undefined ? {} : { n: given });
  return success ? data.n : error?.issues.map(({ message }) => message).join('; ');
};

test('a whole number is read where it is written in decimal digits alone', () => {
  const f = (given: unknown, want: unknown) =>
    expect(read(wholeNumber({ min: 0, max: 50 }), given), String(given)).toBe(want);
  f('5', 5);
  f('005', 5);
  f(5, 5);
  for (const odd of ['1e1', ' 5', '5 ', '0x10', '0b1', '+5', '5.0', '', '٥', 'Infinity', 5.5, null, true, undefined]) {
    f(odd, 'must be a whole number, in decimal digits');
  }
  f('51', 'Too big: expected number to be <=50');
  f('-1', 'Too small: expected number to be >=0');
});

test('a decimal number is read likewise', () => {
  const f = (given: unknown, want: unknown) =>
    expect(read(decimalNumberOr({ min: 0, max: 50, absent: 7 }), given), String(given)).toBe(want);
  f('30.42', 30.42);
  f(30.42, 30.42);
  f(undefined, 7);
  for (const odd of ['3e1', '.5', '5.', '0x10', ' 5', '', 'NaN']) f(odd, 'must be a decimal number such as 30.42');
});

test('the description keeps limits, default and examples', () => {
  const schema = z.object({ n: wholeNumberOr({ min: 1, max: 9, absent: 3, examples: [5] }).describe('how many') });
  const { properties, required } = z.toJSONSchema(schema, { io: 'input' });
  expect(required).toBeUndefined();
  expect(properties?.n).toEqual({
    type: 'integer',
    minimum: 1,
    maximum: 9,
    default: 3,
    examples: [5],
    description: 'how many',
  });
});
