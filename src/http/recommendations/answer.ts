import {
  LEFT_OUT_NAMED_MAX,
  type LeftOut,
  type RecommendationAnswer,
  type RecommendationQuery,
  type Recommendation as Reply,
} from '../../contracts/recommendations.ts';
import type { Window } from '../../core/coverage.ts';
import { efficiency, totalEfficiency } from '../../core/efficiency.ts';
import { GONE_HOURS, type RequestAdvice, type Silence } from '../../core/right-sizing/advise.ts';
import { priceOf } from '../../core/right-sizing/monthly-savings.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { addMoney, formatMoney, type Money, moneyToNumber, ZERO } from '../../lib/money.ts';
import type { Recommendation, Recommendations, Workload } from '../../queries/recommendations.ts';
import { instantText } from '../texts.ts';
import { reasonOf } from './reason.ts';

const MICRO_PER_MILLICORE = 1_000;
const MICRO_CORE_HOUR = 3_600_000_000n;
const GIB_HOUR = 3_600n * 2n ** 30n;

interface Advised extends Recommendation {
  readonly advice: RequestAdvice;
}

interface Silent extends Recommendation {
  readonly advice: Silence;
}

export interface AnswerContext {
  readonly window: Window;
  readonly query: Pick<RecommendationQuery, 'sort' | 'limit' | 'offset' | 'minObservedHours'>;
}

/** Advice as the native API gives it, a page of it; what there is none on is named, so that nobody takes it for fine. */
export function recommendationAnswer(
  { recommendations, coverage }: Recommendations,
  { window, query }: AnswerContext,
): RecommendationAnswer {
  const advised = recommendations.filter(isAdvised);
  const silent = recommendations.filter(isSilent).toSorted(byName);
  const { limit, offset } = query;
  return {
    start: instantText(window.start),
    end: instantText(window.end),
    currency: 'USD',
    coverage,
    total_monthly_savings: formatMoney(advised.map(({ advice }) => advice.monthlySavings).reduce(addMoney, ZERO)),
    pagination: { total: advised.length, limit, offset },
    recommendations: inOrder(advised, query.sort)
      .slice(offset, offset + limit)
      .map(replyOf),
    left_out: {
      total: silent.length,
      workloads: silent.slice(0, LEFT_OUT_NAMED_MAX).map((one) => leftOutOf(one, query.minObservedHours)),
    },
  };
}

function isAdvised(one: Recommendation): one is Advised {
  return typeof one.advice !== 'string';
}

function isSilent(one: Recommendation): one is Silent {
  return typeof one.advice === 'string';
}

function inOrder(all: readonly Advised[], sort: RecommendationQuery['sort']): Advised[] {
  if (sort === 'name') return all.toSorted(byName);
  if (sort === 'savings') {
    return all.toSorted((a, b) => compare(b.advice.monthlySavings, a.advice.monthlySavings) || byName(a, b));
  }
  const known = all.map((one) => ({ one, total: efficiencyOf(one).total }));
  return known.toSorted((a, b) => a.total - b.total || byName(a.one, b.one)).map(({ one }) => one);
}

function byName(a: Recommendation, b: Recommendation): number {
  return compare(nameOf(a.workload), nameOf(b.workload));
}

function nameOf({ cluster, namespace, controllerKind, controller, container }: Workload): string {
  return [cluster, namespace, controllerKind, controller, container].join('/');
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return Number(a > b) - Number(a < b);
}

function replyOf(one: Advised): Reply {
  const { history, evidence, advice } = one;
  const { cpu, ram } = history;
  const runs = Number(history.runMs);
  const life = Number(history.lifeMs);
  return {
    ...workloadReply(one.workload),
    reason: reasonOf(history, advice),
    cpu: {
      request_millicores: millicores(cpu.requested),
      recommended_millicores: advice.cpu.recommended === null ? null : millicores(advice.cpu.recommended),
      usage_max_millicores: millicores(cpu.usageMax),
      usage_avg_millicores: millicores(cpu.usageMean),
      price_per_core_hour: priceText(priceOf(cpu, MICRO_CORE_HOUR)),
      monthly_savings: formatMoney(advice.cpu.monthlySavings),
    },
    ram: {
      request_bytes: Number(ram.requested),
      recommended_bytes: advice.ram.recommended === null ? null : Number(advice.ram.recommended),
      usage_max_bytes: Number(ram.usageMax),
      usage_avg_bytes: Number(ram.usageMean),
      price_per_gib_hour: priceText(priceOf(ram, GIB_HOUR)),
      monthly_savings: formatMoney(advice.ram.monthlySavings),
    },
    monthly_savings: formatMoney(advice.monthlySavings),
    current_efficiency: efficiencyOf(one),
    evidence: {
      first_seen: instantText(evidence.firstSeenAt),
      last_seen: instantText(history.lastSeenAt + HOUR_MS),
      observed_hours: history.observedHours,
      covered_hours: life / HOUR_MS,
      run_hours: runs / HOUR_MS,
      replicas: life === 0 ? 0 : runs / life,
      pods: evidence.pods,
      sources: [...evidence.sources],
    },
  };
}

function leftOutOf({ workload, history, advice }: Silent, hoursMin: number): LeftOut {
  const explanations: Record<Silence, string> = {
    usage_unknown: 'none of its usage was ever seen',
    too_new: `its usage was seen in ${history.observedHours} hours, and advice takes ${hoursMin}; ask with a lower minObservedHours to have it all the same`,
    gone: `it has not run for ${GONE_HOURS} hours or more`,
  };
  return {
    ...workloadReply(workload),
    why: advice,
    observed_hours: history.observedHours,
    explanation: explanations[advice],
  };
}

function workloadReply({ cluster, namespace, controllerKind, controller, container }: Workload) {
  return { cluster, namespace, controller_kind: controllerKind, controller, container };
}

function efficiencyOf({ history, evidence }: Recommendation): Reply['current_efficiency'] {
  const cpu = {
    usage: Number(evidence.cpuUsed),
    request: Number(evidence.cpuRequested),
    cost: moneyToNumber(history.cpu.cost),
  };
  const ram = {
    usage: Number(evidence.ramUsed),
    request: Number(evidence.ramRequested),
    cost: moneyToNumber(history.ram.cost),
  };
  return { cpu: efficiency(cpu), ram: efficiency(ram), total: totalEfficiency(cpu, ram) };
}

function millicores(microCores: bigint): number {
  return Number(microCores) / MICRO_PER_MILLICORE;
}

function priceText(price: Money | null): string | null {
  return price === null ? null : formatMoney(price);
}
