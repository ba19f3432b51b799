import type { RecommendationAnswer, RecommendationQuery } from '../../contracts/recommendations.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import type { AdviceAims } from '../../core/right-sizing/advise.ts';
import { parseCalendarWindow } from '../../core/windows/calendar-window.ts';
import { parseZone } from '../../core/windows/zone.ts';
import type { Principal, ServerDeps } from '../dependencies.ts';
import { recommendationAnswer } from './answer.ts';

const MICRO_PER_MILLICORE = 1_000n;

/** What a caller asks about right-sizing, answered: for the route, and for whoever asks in another way. */
export function createRecommendationAsk({ recommendations, clock }: Pick<ServerDeps, 'recommendations' | 'clock'>) {
  return async (
    query: RecommendationQuery,
    { tenantId, clusterId }: Principal,
    signal: AbortSignal,
  ): Promise<RecommendationAnswer> => {
    const window = parseCalendarWindow(query.window, { now: clock.now(), zone: parseZone(query.zone) });
    const question = {
      tenant: tenantId,
      onlyCluster: clusterId,
      window,
      filter: parseFilter(query.filter),
      aims: aimsOf(query),
    };
    return recommendationAnswer(await recommendations.recommend(question, signal), { window, query });
  };
}

function aimsOf(query: RecommendationQuery): AdviceAims {
  return {
    cpu: {
      algorithm: query.algorithmCPU,
      targetUtilization: query.targetCPUUtilization,
      min: BigInt(query.minRecCPUMillicores) * MICRO_PER_MILLICORE,
    },
    ram: {
      algorithm: query.algorithmRAM,
      targetUtilization: query.targetRAMUtilization,
      min: BigInt(query.minRecRAMBytes),
    },
    observedHoursMin: query.minObservedHours,
  };
}
