import { type Cut, parseAccumulate, parseStep, WHOLE } from '../../core/windows/sets.ts';
import { DAY_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';

/** Reading what OpenCost's clients write, as Go does. Each throws `invalid_request` that names the parameter. */
const COUNT = /^\d{1,7}$/;
const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['', '0', 'f', 'F', 'FALSE', 'false', 'False']);
const STEP_WORDS = new Set(['hour', 'day', 'week', 'month', 'quarter']);

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

export function word<const W extends string>(name: string, text: string | undefined, words: readonly [W, ...W[]]): W {
  if (text === undefined || text === '') return words[0];
  const known = words.find((one) => one === text);
  if (known === undefined) throw refusal(name, `must be one of ${words.join(', ')}`);
  return known;
}

/** Kubecost's defaults differ from OpenCost's: idle is shown, and a window falls into days. */
export type Dialect = 'opencost' | 'kubecost';

interface CutWords {
  readonly step?: string | undefined;
  readonly accumulate?: string | undefined;
  readonly accumulateBy?: string | undefined;
}

/**
 * What is accumulated needs no step, which must be one all the same. Kubecost answers in days, or hours where the window is
 * no longer than one.
 */
export function cutOf(
  { step = '', accumulate = '', accumulateBy = '' }: CutWords,
  dialect: Dialect,
  lengthMs: number,
): Cut {
  const stepped = step === '' ? undefined : stepOf(step);
  const by = parseAccumulate(accumulateBy) ?? accumulated(accumulate) ?? stepped;
  if (by !== undefined) return by;
  if (dialect === 'opencost') return WHOLE;
  return { kind: 'calendar', unit: lengthMs > DAY_MS ? 'day' : 'hour' };
}

/** A length, or a word of the calendar: `step=month` has the edges of `accumulate=month`. */
function stepOf(text: string): Cut {
  return STEP_WORDS.has(text) ? (parseAccumulate(text) ?? WHOLE) : parseStep(text);
}

function accumulated(text: string): Cut | undefined {
  if (TRUE.has(text)) return WHOLE;
  return FALSE.has(text) ? undefined : parseAccumulate(text);
}

export function refusal(field: string, why: string): AppError {
  return new AppError('invalid_request', `${field} ${why}`, { details: { field } });
}
