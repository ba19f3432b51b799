import { z } from 'zod';

/**
 * Numbers of a query, where all is text, or of arguments in JSON. Only plain decimal ones are taken: `1e3`, `0x10` and ` 5`
 * are misspelt more often than meant, and JavaScript would read all of them.
 */
interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly examples?: readonly number[];
}

interface BoundsOrDefault extends Bounds {
  /** Where the number is not given. */
  readonly absent: number;
}

/** A whole number within bounds, in decimal digits. */
export function wholeNumber(bounds: Bounds) {
  return z.preprocess(numberIf(WHOLE), wholeIn(bounds));
}

export function wholeNumberOr({ absent, ...bounds }: BoundsOrDefault) {
  return z.preprocess(numberIf(WHOLE), wholeIn(bounds).default(absent));
}

/** A number within bounds, such as `30.42`. */
export function decimalNumberOr({ absent, ...bounds }: BoundsOrDefault) {
  return z.preprocess(numberIf(DECIMAL), decimalIn(bounds).default(absent));
}

const WHOLE = /^-?\d+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;

function numberIf(form: RegExp): (value: unknown) => unknown {
  return (value) => (typeof value === 'string' && form.test(value) ? Number(value) : value);
}

function wholeIn({ min, max, examples }: Bounds) {
  const whole = z.int({ error: onlyFor('must be a whole number, in decimal digits') });
  return whole.min(min).max(max).meta(shown(examples));
}

function decimalIn({ min, max, examples }: Bounds) {
  const decimal = z.number({ error: onlyFor('must be a decimal number such as 30.42') });
  return decimal.min(min).max(max).meta(shown(examples));
}

function shown(examples: Bounds['examples']) {
  return examples === undefined ? {} : { examples: [...examples] };
}

function onlyFor(message: string): z.core.$ZodErrorMap {
  return ({ code }) => (code === 'invalid_type' ? message : undefined);
}
