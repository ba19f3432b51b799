import { AllocationAnswer, type AllocationQuery } from '../../contracts/allocations.ts';
import { allocationAnswer } from '../allocations/answer.ts';
import { questionOf, viewOf } from '../allocations/read-query.ts';
import type { ServerDeps } from '../dependencies.ts';
import { noteOf, rowsOfEachSet, written } from './bounds.ts';
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
  const answer = written(AllocationAnswer, allocationAnswer(found, { keys: question.keys, view }));
  const total = answer.sets.reduce((sum, { rows }) => sum + rows, 0);
  const shown = answer.sets.reduce((sum, { allocations: rows }) => sum + rows.length, 0);
  return { ...answer, note: noteOf({ total, shown, offset: query.offset }) };
}
