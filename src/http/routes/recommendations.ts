import { listRecommendations } from '../../contracts/recommendations.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import { createRecommendationAsk } from '../recommendations/ask.ts';
import type { AddRoute } from '../route.ts';

/** `/v1/recommendations`: which requests to set. */
export function addRecommendationRoutes(add: AddRoute, deps: Pick<ServerDeps, 'recommendations' | 'clock'>): void {
  const ask = createRecommendationAsk(deps);
  add(listRecommendations, ({ query, request, signal }) => ask(query, principalOf(request), signal));
}
