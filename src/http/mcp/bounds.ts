import { z } from 'zod';
import { wholeNumberOr } from '../../contracts/numbers.ts';
import { AppError } from '../../lib/errors.ts';
import { type Late, lateJsonChunks } from '../../lib/json-text.ts';

/** Rows of one answer: what a model can take in. */
export const ROWS_MAX = 200;
const ROWS_DEFAULT = 25;

/** The rows of a tool's answer, in the place of a route's own limit. */
export const RowLimit = wholeNumberOr({ min: 1, max: ROWS_MAX, absent: ROWS_DEFAULT }).describe(
  `Rows to show, at most ${ROWS_MAX} in all; use filter, or offset, for others`,
);

export const Note = z.string().nullable().describe('What was left out of this answer, and how to get it');

/** An answer as a route would write it. */
export async function written<T>(schema: z.ZodType<T>, answer: Late<NoInfer<T>>): Promise<T> {
  let text = '';
  for await (const chunk of lateJsonChunks(answer)) text += chunk;
  return schema.parse(JSON.parse(text));
}

/** Rows that each of so many sets may have. @throws AppError `query_too_large` where there are more sets than rows */
export function rowsOfEachSet(sets: number, limit: number): number {
  if (sets > ROWS_MAX) {
    const message = `the window is cut into ${sets} parts, and an answer has at most ${ROWS_MAX}; ask for a longer step, or a shorter window`;
    throw new AppError('query_too_large', message, { details: { field: 'step', rows_max: ROWS_MAX } });
  }
  return Math.min(limit, Math.max(1, Math.floor(ROWS_MAX / Math.max(1, sets))));
}

/** `shown` of `total` rows from `offset` on. */
export function noteOf({ total, shown, offset }: { total: number; shown: number; offset: number }): string | null {
  if (shown >= total) return null;
  const place = offset > 0 ? ` from row ${offset + 1} on` : '';
  return `${shown} of ${total} rows are shown${place}; the totals are of all. Ask with another offset, a filter, or coarser keys for the others.`;
}

/** Likewise of all sets of an answer together. */
export function noteOfSets(sets: readonly { total: number; shown: number }[], offset: number): string | null {
  const total = sets.reduce((sum, set) => sum + set.total, 0);
  const shown = sets.reduce((sum, set) => sum + set.shown, 0);
  return noteOf({ total, shown, offset });
}
