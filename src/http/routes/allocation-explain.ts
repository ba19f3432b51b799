import { explainAllocations } from '../../contracts/allocation-explain.ts';
import { createExplanationAsk } from '../allocations/explain-ask.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

/** `/v1/allocations/explain` */
export function addAllocationExplainRoutes(add: AddRoute, deps: Pick<ServerDeps, 'explanations' | 'clock'>): void {
  const ask = createExplanationAsk(deps);
  add(explainAllocations, ({ query, request, signal }) => ask(query, principalOf(request), signal));
}
