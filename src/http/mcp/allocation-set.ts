import { AllocationAnswer, type AllocationQuery } from '../../contracts/allocations.ts';
import { wholeOf } from '../../core/coverage.ts';
import { allocationAnswer } from '../allocations/answer.ts';
import { questionOf, viewOf } from '../allocations/read-query.ts';
import type { ServerDeps } from '../dependencies.ts';
import { noteOfSets, rowsOfEachSet, written } from './bounds.ts';
import type { Caller } from './tool.ts';

export type AllocationDeps = Pick<ServerDeps, 'allocations' | 'clock'>;

/** The answer of `/v1/allocations`, with no more rows than a model can take in; the note says what is not shown. */
export async function boundedAllocations(
  { allocations, clock }: AllocationDeps,
  query: AllocationQuery,
  { principal, signal }: Caller,
): Promise<AllocationAnswer & { note: string | null }> {
  const now = clock.now();
  const question = questionOf(query, principal, now);
  const limit = rowsOfEachSet(question.sets.length, query.limit);
  const view = viewOf({ ...query, limit }, now);
  const found = await allocations.sets(question, signal);
  const context = { keys: question.keys, window: wholeOf(question.sets), view };
  const answer = await written(AllocationAnswer, allocationAnswer(found, context));
  const sets = answer.sets.map(({ rows, allocations: shown }) => ({ total: rows, shown: shown.length }));
  return { ...answer, note: noteOfSets(sets, query.offset) };
}
