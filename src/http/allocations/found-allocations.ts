import type { AllocationQueries, AllocationQuestion, FoundAllocations } from '../../queries/allocations.ts';
import type { LedgerLook } from '../../queries/evidence.ts';

interface Asked {
  readonly signal: AbortSignal;
  /** What was seen of the ledger: by its stamp answers are kept. */
  readonly look: LedgerLook;
}

/** An answer for who sends sets one after the other: set by set where it is large, else the whole. */
export async function foundAllocations(
  queries: AllocationQueries,
  question: AllocationQuestion,
  { signal, look }: Asked,
): Promise<FoundAllocations> {
  return (await queries.setBySet?.(question, signal, look)) ?? queries.sets(question, signal, look);
}
