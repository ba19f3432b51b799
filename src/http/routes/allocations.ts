import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type AllocationSummaryAnswer,
  type AllocationTimeseries,
  allocationTimeseries,
  summarizeAllocations,
} from '../../contracts/allocation-views.ts';
import {
  type AllocationAnswer,
  type AllocationListQuery,
  allocationsCsv,
  listAllocations,
} from '../../contracts/allocations.ts';
import { wholeOf } from '../../core/coverage.ts';
import type { FoundAllocations } from '../../queries/allocations.ts';
import type { LedgerLook } from '../../queries/evidence.ts';
import { type AnswerContext, allocationAnswer, summaryAnswer } from '../allocations/answer.ts';
import { ARROW_MEDIA_TYPE, allocationArrow } from '../allocations/arrow.ts';
import { allocationCsv, CSV_MEDIA_TYPE } from '../allocations/csv.ts';
import { foundAllocations } from '../allocations/found-allocations.ts';
import { questionOf, timeseriesQuestionOf, viewOf } from '../allocations/read-query.ts';
import { timeseriesAnswer } from '../allocations/timeseries.ts';
import { answerCached } from '../caching.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';
import { Streamed } from '../streamed.ts';

type Deps = Pick<ServerDeps, 'allocations' | 'evidence' | 'clock' | 'version'>;

interface AllocationCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

/** `/v1/allocations`, as JSON, CSV and Arrow; its summary; and by step for charts. */
export function addAllocationRoutes(add: AddRoute, deps: Deps): void {
  const { allocations, evidence, clock } = deps;
  const rowsOf = async <T>(
    query: AllocationListQuery,
    { request, reply, signal }: AllocationCall,
    shown: (found: FoundAllocations, context: AnswerContext) => T,
  ) => {
    const now = clock.now();
    const [question, view] = [questionOf(query, principalOf(request), now), viewOf(query, now)];
    const { format, sort, limit, offset, top, costMetric } = query;
    return answerCached(deps, {
      request,
      reply,
      signal,
      question,
      shown: { format, sort, limit, offset, top, costMetric },
      answer: async (look) => {
        const isWhole = view.top !== undefined; // the dearest of all sets are known when all are
        const found = isWhole
          ? await allocations.sets(question, signal, look)
          : await foundAllocations(allocations, question, { signal, look });
        return shown(found, { keys: question.keys, window: wholeOf(question.sets), view });
      },
    });
  };
  add(listAllocations, ({ query, ...call }) =>
    rowsOf(query, call, (found, context) => {
      if (query.format === 'json') return Streamed.late<AllocationAnswer>(allocationAnswer(found, context));
      attach(call.reply, query.format);
      if (query.format === 'csv') return Streamed.as(CSV_MEDIA_TYPE, allocationCsv(found, context));
      return Streamed.as(ARROW_MEDIA_TYPE, allocationArrow(found, context));
    }),
  );
  add(allocationsCsv, ({ query, ...call }) =>
    rowsOf({ ...query, format: 'csv' }, call, (found, context) => {
      attach(call.reply, 'csv');
      return Streamed.as(CSV_MEDIA_TYPE, allocationCsv(found, context));
    }),
  );
  add(summarizeAllocations, ({ query, ...call }) =>
    rowsOf({ ...query, format: 'json' }, call, (found, context) =>
      Streamed.late<AllocationSummaryAnswer>(summaryAnswer(found, context)),
    ),
  );
  add(allocationTimeseries, ({ query, request, reply, signal }) => {
    const now = clock.now();
    const { top, costMetric: metric } = query;
    const question = timeseriesQuestionOf(query, principalOf(request), now);
    const answer = async (look: LedgerLook) => {
      const [found, stepCoverage] = await Promise.all([
        allocations.sets(question, signal, look),
        evidence.coverageBySet(question, signal),
      ]);
      return Streamed.json<AllocationTimeseries>(
        timeseriesAnswer(found, { keys: question.keys, top, metric, now, stepCoverage }),
      );
    };
    return answerCached(deps, { request, reply, signal, question, shown: { top, metric }, answer });
  });
}

function attach(reply: FastifyReply, format: string): void {
  reply.header('content-disposition', `attachment; filename="allocations.${format}"`);
}
