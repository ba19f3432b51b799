import { z } from 'zod';
import { HOUR_MS } from '../lib/clock.ts';
import type { PullWindow } from '../sources/pull.ts';

/**
 * How far a pull has come. Time is cut in two at `start`, the moment of its first run: what is newer is pulled first,
 * forwards, so that people see today at once; the past is filled in beside it, forwards too, from its oldest moment.
 *
 *     pastFrom ──done──▶ pastThrough ···· start ──done──▶ through ···· now
 *
 * All numbers are milliseconds since the epoch. A window is done when its rows are durable; a crash repeats a part of
 * one, which changes nothing.
 */
export const PullProgress = z.object({
  start: z.number(),
  through: z.number(),
  pastFrom: z.number(),
  pastThrough: z.number(),
  /** A further look at what was pulled already, where the upstream may have changed it; `null` between two of them. */
  again: z.object({ through: z.number(), to: z.number() }).nullable(),
  againAt: z.number(),
  rows: z.number(),
  lastSuccessAt: z.number().nullable(),
  /** What a person may be shown: it holds no secret. */
  lastError: z.object({ at: z.number(), code: z.string(), message: z.string() }).nullable(),
  failures: z.number(),
});
export type PullProgress = z.infer<typeof PullProgress>;

/** When and how far a pull looks. Milliseconds, all. */
export interface PullTimes {
  /** Windows begin and end on multiples of it: an hour for a source of whole hours. */
  readonly stepMs: number;
  /** What is younger may still be incomplete upstream. */
  readonly delayMs: number;
  /** Between two pulls of what is new. */
  readonly intervalMs: number;
  /** The past that the first run sets out to fill in. */
  readonly backfillMs: number;
  /** What is older would not be kept: it is not asked for, however long we were away. */
  readonly keptMs: number;
  /** The past that is pulled again, and how often. */
  readonly again?: { readonly windowMs: number; readonly everyMs: number };
}

export type PullPart = 'new' | 'past' | 'again';

export interface PullTask {
  readonly part: PullPart;
  readonly window: PullWindow;
}

/** Windows are no longer than this, so that a long past does not keep what is new waiting. */
const WINDOW_MS_MAX = 6 * HOUR_MS;
/** What is shown first, before the past. */
const PRESENT_MS = HOUR_MS;

/** The progress of a pull that never ran: it begins an hour ago, and the past before that is still to do. */
export function firstProgress(now: number, times: PullTimes): PullProgress {
  const { stepMs, backfillMs } = times;
  const start = floor(settledUntil(now, times) - Math.min(backfillMs, PRESENT_MS), stepMs);
  const pastFrom = Math.min(start, Math.max(floor(now - backfillMs, stepMs), oldestKept(now, times)));
  return {
    start,
    through: start,
    pastFrom,
    pastThrough: pastFrom,
    again: null,
    againAt: now,
    rows: 0,
    lastSuccessAt: null,
    lastError: null,
    failures: 0,
  };
}

/**
 * What is to be pulled next: what is new, where there is an interval's worth of it; else the past; else what may have
 * changed; else what little is new. `undefined` where there is nothing.
 */
export function nextTask(progress: PullProgress, now: number, times: PullTimes): PullTask | undefined {
  const { through, pastThrough, start, again } = progress;
  const until = settledUntil(now, times);
  const newFrom = Math.max(through, oldestKept(now, times));
  const pastFrom = Math.max(pastThrough, oldestKept(now, times));
  if (until - newFrom >= times.intervalMs) return task('new', newFrom, until);
  if (pastFrom < start) return task('past', pastFrom, start);
  if (again) return task('again', again.through, again.to);
  return newFrom < until ? task('new', newFrom, until) : undefined;
}

/** The progress once `[…, through)` of a part is durable. */
export function advanced(progress: PullProgress, part: PullPart, through: number): PullProgress {
  if (part === 'new') return { ...progress, through: Math.max(progress.through, through) };
  if (part === 'past') return { ...progress, pastThrough: Math.max(progress.pastThrough, through) };
  const { again } = progress;
  if (!again) return progress;
  return { ...progress, again: through < again.to ? { ...again, through: Math.max(again.through, through) } : null };
}

/** Begins another look at the last `windowMs` where one is due. */
export function withAgain(progress: PullProgress, now: number, { again, stepMs }: PullTimes): PullProgress {
  if (!again || progress.again || now - progress.againAt < again.everyMs) return progress;
  const through = Math.max(floor(progress.through - again.windowMs, stepMs), progress.pastFrom);
  return { ...progress, againAt: now, again: through < progress.through ? { through, to: progress.through } : null };
}

function task(part: PullPart, from: number, until: number): PullTask {
  return { part, window: { from, to: Math.min(until, from + WINDOW_MS_MAX) } };
}

function oldestKept(now: number, { keptMs, stepMs }: PullTimes): number {
  return floor(now - keptMs, stepMs) + stepMs;
}

function settledUntil(now: number, { delayMs, stepMs }: PullTimes): number {
  return floor(now - delayMs, stepMs);
}

function floor(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}
