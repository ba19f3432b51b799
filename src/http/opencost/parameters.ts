import { parseAccumulate, WHOLE } from '../../core/windows/sets.ts';
import { AppError } from '../../lib/errors.ts';

/** Reading what OpenCost's clients write, as Go does. Each throws `invalid_request` that names the parameter. */
const COUNT = /^\d{1,7}$/;
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['', '0', 'f', 'F', 'FALSE', 'false', 'False']);

export function flag(name: string, text = ''): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw refusal(name, 'must be true or false');
}

export function count(name: string, text = ''): number | undefined {
  if (text === '') return undefined;
  if (!COUNT.test(text)) throw refusal(name, 'must be a whole number from 0');
  return Number(text);
}

/** `accumulate=true` is one set; or a unit of the calendar. */
export function accumulated(text: string) {
  if (TRUE.has(text)) return WHOLE;
  return FALSE.has(text) ? undefined : parseAccumulate(text);
}

export function refusal(field: string, why: string): AppError {
  return new AppError('invalid_request', `${field} ${why}`, { details: { field } });
}
