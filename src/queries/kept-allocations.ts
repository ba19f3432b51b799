import { ledgerHours } from '../core/coverage.ts';
import { type Clock, MINUTE_MS } from '../lib/clock.ts';
import { digestOf } from '../lib/digest.ts';
import { createSharedReads } from '../lib/shared-reads.ts';
import type { AllocationQueries, Allocations } from './allocations.ts';

/** Of all answers that are kept: some twenty megabytes, or two hundred panels of a dashboard with a hundred rows each. */
const ROWS_MAX = 20_000;

/**
 * Keeps answers for as long as the ledger is as the look at it was: dashboards and teams ask the same over and over. Who asks the same
 * at the same time waits for one answer. Where hours of the window are not over yet coverage grows with every moment, so there
 * an answer stands for the minute at most, as its entity tag does. Without a look at the ledger nothing is kept.
 */
export function keepAllocations(queries: AllocationQueries, clock: Clock): AllocationQueries {
  const reads = createSharedReads<Allocations>({ sizeOf: rowsOf, sizeMax: ROWS_MAX });
  return {
    ...queries, // what is told set by set is too large to be kept
    sets(question, signal, look) {
      if (look === undefined) return queries.sets(question, signal);
      const now = clock.now();
      const { end } = ledgerHours({ start: 0, end: question.sets.at(-1)?.end ?? 0 });
      const key = digestOf([question, look.stamp, end <= now ? null : Math.floor(now / MINUTE_MS)]);
      return reads.read(key, (wanted) => queries.sets(question, wanted, look), signal);
    },
  };
}

function rowsOf({ sets }: Allocations): number {
  return sets.reduce((sum, { rows }) => sum + rows.length, 0);
}
