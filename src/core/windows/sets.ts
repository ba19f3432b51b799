import { DAY_MS, HOUR_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { nearestWord } from '../../lib/nearest-word.ts';
import type { Window } from '../coverage.ts';
import { WINDOW_DAYS_MAX } from './calendar-window.ts';
import { parseDuration } from './duration.ts';
import { addDays, type CalendarUnit, UTC, unitStart, type Zone } from './zone.ts';

/** Into what a window is cut: not at all, into equal steps from its start, or at the edges of the calendar. */
export type Cut =
  | { readonly kind: 'whole' }
  | { readonly kind: 'hours' | 'days'; readonly count: number }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit };

export const WHOLE: Cut = { kind: 'whole' };

/** Sets of an answer: a hundred days of hours, or six years of days. */
export const SETS_MAX = 2_400;

/**
 * `step=1d` as a cut. Steps of whole days follow the calendar of the zone: `24h` is a day there, whose length may differ.
 *
 * @throws AppError `invalid_request` unless it is a duration of whole hours, of which the ledger is made, and no longer
 *   than a window may be.
 */
export function parseStep(text: string): Cut {
  const ms = parseDuration(text);
  if (ms <= 0 || ms % HOUR_MS !== 0) throw stepRefusal(text, 'must be one or more whole hours');
  if (ms > WINDOW_DAYS_MAX * DAY_MS) throw stepRefusal(text, `is longer than ${WINDOW_DAYS_MAX} days`);
  return ms % DAY_MS === 0 ? { kind: 'days', count: ms / DAY_MS } : { kind: 'hours', count: ms / HOUR_MS };
}

function stepRefusal(text: string, why: string): AppError {
  return new AppError('invalid_request', `the step "${text.slice(0, 80)}" ${why}`, { details: { field: 'step' } });
}

const ACCUMULATIONS: Readonly<Record<string, Cut | undefined>> = {
  false: undefined,
  none: undefined,
  true: WHOLE,
  all: WHOLE,
  hour: { kind: 'calendar', unit: 'hour' },
  day: { kind: 'calendar', unit: 'day' },
  week: { kind: 'calendar', unit: 'week' },
  month: { kind: 'calendar', unit: 'month' },
  quarter: { kind: 'calendar', unit: 'quarter' },
};

/**
 * `accumulate` and `accumulateBy` as a cut; undefined for `false`, `none` and `''`, which leave it to the step.
 *
 * @throws AppError `invalid_request` that lists the words there are.
 */
export function parseAccumulate(text: string): Cut | undefined {
  if (text === '' || Object.hasOwn(ACCUMULATIONS, text)) return ACCUMULATIONS[text];
  const words = Object.keys(ACCUMULATIONS);
  const near = nearestWord(text, words);
  const hint = near === undefined ? '' : `, perhaps ${near}`;
  throw new AppError('invalid_request', `accumulate "${text.slice(0, 80)}" must be one of ${words.join(', ')}${hint}`, {
    details: { field: 'accumulate' },
  });
}

interface CutContext {
  /** Whose days, weeks, months and quarters are meant; UTC when not given. */
  readonly zone?: Zone;
}

/**
 * The sets of a window, half-open and in order: they adjoin, and together they are the window. The first and the last may
 * be shorter than the others. OpenCost lets sets reach beyond the window instead; then totals would depend on the cut.
 *
 * @throws AppError `window_too_large` for more than `SETS_MAX` sets.
 */
export function cutWindow(window: Window, cut: Cut, { zone = UTC }: CutContext = {}): Window[] {
  const edgeAfter = edgesOf(window, cut, zone);
  const sets: Window[] = [];
  let start = window.start;
  for (let index = 0; start < window.end; index += 1) {
    if (sets.length === SETS_MAX) throw tooManySets();
    const end = Math.min(edgeAfter(index), window.end);
    // A day that a zone has skipped whole (Samoa, 2011-12-30) is no set.
    if (end > start) sets.push({ start, end });
    start = end;
  }
  return sets;
}

function tooManySets(): AppError {
  return new AppError(
    'window_too_large',
    `the window has more than ${SETS_MAX} sets; ask for a longer step or a shorter window`,
    { details: { field: 'window', sets_max: SETS_MAX } },
  );
}

/** Where the set of an index ends, were the window endless. */
function edgesOf(window: Window, cut: Cut, zone: Zone): (index: number) => number {
  const { start } = window;
  switch (cut.kind) {
    case 'whole':
      return () => window.end;
    case 'hours':
      return (index) => start + (index + 1) * cut.count * HOUR_MS;
    case 'days': {
      // A day that starts late, where clocks skip midnight, must not make the days after it start late.
      const isWhole = unitStart(start, 'day', { zone }) === start;
      return (index) => {
        const days = (index + 1) * cut.count;
        return isWhole ? unitStart(start, 'day', { zone, move: days }) : addDays(start, days, zone);
      };
    }
    case 'calendar':
      return (index) => unitStart(start, cut.unit, { zone, move: index + 1 });
    default:
      return cut satisfies never;
  }
}
