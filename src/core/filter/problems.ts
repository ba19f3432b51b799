import { AppError } from '../../lib/errors.ts';

/** What is wrong with a filter, and where. */
export interface FilterProblem {
  /** Of a character of the filter, counted from 1; one past the last stands for its end. */
  readonly position: number;
  readonly message: string;
}

/** With so many wrong, the rest is not looked at. */
export const PROBLEMS_MAX = 10;

/** Characters of a filter, or of all v1 parameters together. */
export const FILTER_CHARS_MAX = 8_192;
/** Comparisons in a filter, each value counted. */
export const FILTER_COMPARISONS_MAX = 500;
/** Parentheses within parentheses. */
export const FILTER_DEPTH_MAX = 32;

/** `invalid_request` that says every problem with its position. */
export function filterRefusal(problems: readonly FilterProblem[]): AppError {
  const said = problems.map(({ position, message }) => `at character ${position}: ${message}`).join('; ');
  return new AppError('invalid_request', `the filter cannot be read: ${said}`, {
    details: { field: 'filter', problems },
  });
}
