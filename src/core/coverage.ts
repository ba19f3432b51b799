import { HOUR_MS, hourStart } from '../lib/clock.ts';

/**
 * Hours of a window, as the ledger counts them: an hour belongs to the window that holds its start, so that adjoining
 * windows never share one and never lose one. Half-open, milliseconds.
 */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** From the first of adjoining windows to the last; nothing of none. */
export function wholeOf(windows: readonly Window[]): Window {
  return { start: windows[0]?.start ?? 0, end: windows.at(-1)?.end ?? 0 };
}

/** The window of whole ledger hours that a window stands for: from its first hour's start to its last hour's end. */
export function ledgerHours({ start, end }: Window): Window {
  return { start: ceilHour(start), end: Math.max(ceilHour(start), ceilHour(end)) };
}

/** Milliseconds that an answer over the window could know by `now`: all of its hours, but of the open one only what has passed. */
export function askedMs(window: Window, now: number): number {
  const hours = ledgerHours(window);
  return Math.max(0, Math.min(hours.end, now) - hours.start);
}

function ceilHour(at: number): number {
  const start = hourStart(at);
  return start === at ? at : start + HOUR_MS;
}
