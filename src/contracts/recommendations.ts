import { z } from 'zod';
import { AllocationQuery } from './allocations.ts';
import { Coverage } from './costs.ts';
import { decimalNumberOr, wholeNumberOr } from './numbers.ts';
import { defineRoute } from './route.ts';

/** Recommendations of one answer. */
export const RECOMMENDATION_LIMIT_MAX = 10_000;
const LIMIT_DEFAULT = 100;
/** Of what there is no advice on, at most so much is named. */
export const LEFT_OUT_NAMED_MAX = 50;
const CORES_MAX = 1_000_000;
const BYTES_MAX = 2 ** 50;

const target = decimalNumberOr({ min: 0.01, max: 1, absent: 0.7 });
const algorithm = z.enum(['max']).default('max');

/** What right-sizing may be asked; the names are those of Kubecost’s `requestSizingV2`. See docs/recommendations.md. */
export const RecommendationQuery = z.strictObject({
  window: AllocationQuery.shape.window,
  zone: AllocationQuery.shape.zone,
  filter: AllocationQuery.shape.filter,
  algorithmCPU: algorithm.describe('How much CPU is needed: max is the most that any replica was seen to use'),
  algorithmRAM: algorithm.describe('Likewise of memory'),
  targetCPUUtilization: target.describe(
    'Part of the CPU request that is to be used at the peak: need ÷ this is advised',
  ),
  targetRAMUtilization: target.describe('Likewise of memory'),
  minRecCPUMillicores: wholeNumberOr({ min: 0, max: CORES_MAX, absent: 10 }).describe('No less is ever advised'),
  minRecRAMBytes: wholeNumberOr({ min: 0, max: BYTES_MAX, absent: 20 * 2 ** 20 }).describe(
    'No less is ever advised; 20 MiB when not given',
  ),
  minObservedHours: wholeNumberOr({ min: 0, max: 1_000, absent: 24 }).describe(
    'Hours in which usage must have been seen; workloads with fewer are left out, and said to be',
  ),
  sort: z
    .enum(['savings', 'efficiency', 'name'])
    .default('savings')
    .describe('Greatest savings first, least efficient first, or by name'),
  limit: wholeNumberOr({ min: 1, max: RECOMMENDATION_LIMIT_MAX, absent: LIMIT_DEFAULT }),
  offset: AllocationQuery.shape.offset,
});
export type RecommendationQuery = z.infer<typeof RecommendationQuery>;

const amount = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .describe('exact decimal amount in US dollars');
const savings = amount.describe('US dollars a month (730 hours) of all replicas; negative where more is advised');

const CpuAdvice = z.object({
  request_millicores: z.number().describe('What one replica asks for, as last seen; 0 where it asks for nothing'),
  recommended_millicores: z.number().nullable().describe('null where no usage was seen'),
  usage_max_millicores: z.number().describe('The most that any replica was seen to use'),
  usage_avg_millicores: z.number().describe('Of one replica, over the time that it ran'),
  price_per_core_hour: amount.nullable().describe('What this workload paid on average; null where nothing was charged'),
  monthly_savings: savings,
});

const RamAdvice = z.object({
  request_bytes: z.number().describe('What one replica asks for, as last seen; 0 where it asks for nothing'),
  recommended_bytes: z.number().nullable().describe('null where no usage was seen'),
  usage_max_bytes: z.number().describe('The most that any replica was seen to use'),
  usage_avg_bytes: z.number().describe('Of one replica, over the time that it ran'),
  price_per_gib_hour: amount.nullable().describe('What this workload paid on average; null where nothing was charged'),
  monthly_savings: savings,
});

const Workload = z.object({
  cluster: z.string(),
  namespace: z.string(),
  controller_kind: z.string().describe('In small letters; pod for a pod without a controller'),
  controller: z.string(),
  container: z.string().describe('Empty where the source knows no containers: then it is the whole pod'),
});

export const Recommendation = Workload.extend({
  reason: z.string().describe('The same in a sentence'),
  cpu: CpuAdvice,
  ram: RamAdvice,
  monthly_savings: savings,
  current_efficiency: z
    .object({ cpu: z.number(), ram: z.number(), total: z.number() })
    .describe('Usage ÷ request over the window; may exceed 1'),
  evidence: z.object({
    first_seen: z.string(),
    last_seen: z.string().describe('End of the last hour in which it ran'),
    observed_hours: z.int().describe('Hours of the window in which its usage was seen'),
    covered_hours: z.number().describe('Hours since it was first seen that its cluster was watched'),
    run_hours: z.number().describe('Of all its replicas together'),
    replicas: z.number().describe('At a time, on average since it was first seen'),
    pods: z.int().describe('Different pods that were seen'),
    sources: z.array(z.string()),
  }),
});
export type Recommendation = z.infer<typeof Recommendation>;

export const LeftOut = Workload.extend({
  why: z.enum(['usage_unknown', 'too_new', 'gone']),
  observed_hours: z.int(),
  explanation: z.string(),
});

export type LeftOut = z.infer<typeof LeftOut>;

export const RecommendationAnswer = z.object({
  start: z.string(),
  end: z.string(),
  currency: z.literal('USD'),
  coverage: Coverage,
  total_monthly_savings: savings.describe('Of all recommendations, whatever page was asked for'),
  pagination: z.object({ total: z.int(), limit: z.int(), offset: z.int() }),
  recommendations: z.array(Recommendation),
  left_out: z.object({
    total: z.int().describe('Containers on which there is no advice'),
    workloads: z.array(LeftOut).max(LEFT_OUT_NAMED_MAX).describe(`The first ${LEFT_OUT_NAMED_MAX} of them, by name`),
  }),
});
export type RecommendationAnswer = z.infer<typeof RecommendationAnswer>;

export const listRecommendations = defineRoute({
  method: 'GET',
  url: '/v1/recommendations',
  summary: 'Requests that would do, and what that saves: from the peaks of the last 7 days, with the evidence',
  scope: 'read',
  query: RecommendationQuery,
  reply: RecommendationAnswer,
});
