import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Coverage } from '../../contracts/costs.ts';
import {
  OPENCOST_ALLOCATIONS,
  OPENCOST_SUMMARIES,
  type OpenCostAllocations,
  type OpenCostQuery,
  type OpenCostSummary,
  openCostHealth,
} from '../../contracts/opencost.ts';
import type { Window } from '../../core/coverage.ts';
import type { AllocationRow, AllocationSet } from '../../queries/allocations.ts';
import { totalOf } from '../allocations/answer.ts';
import { rowName } from '../allocations/row-names.ts';
import type { ServerDeps } from '../dependencies.ts';
import { instant, openCostAllocation, type RowContext, summaryAllocation } from '../opencost/allocation-json.ts';
import { type Dialect, type OpenCostAsk, readOpenCostQuery } from '../opencost/read-query.ts';
import { principalOf } from '../plugins/auth.ts';
import { toAppError } from '../problem.ts';
import type { AddRoute } from '../route.ts';

type Deps = Pick<ServerDeps, 'allocations' | 'clock' | 'log'>;

/** The OpenCost API: a translation over the same questions that the native one asks, with no arithmetic of its own. */
export function addOpenCostRoutes(add: AddRoute, deps: Deps): void {
  for (const contract of OPENCOST_ALLOCATIONS) {
    const dialect = contract.url === '/model/allocation' ? 'kubecost' : 'opencost';
    add(
      contract,
      (call): Promise<OpenCostAllocations> =>
        inTheirShape(call, async () => {
          const { ask, sets, coverage } = await answer(deps, dialect, call);
          const data = sets.map((set) => rowsOf(set, ask, openCostAllocation));
          return { code: 200, status: 'success', data, ...warningOf(coverage) };
        }),
    );
  }
  for (const contract of OPENCOST_SUMMARIES) {
    const dialect = contract.url === '/model/allocation/summary' ? 'kubecost' : 'opencost';
    add(
      contract,
      (call): Promise<OpenCostSummary> =>
        inTheirShape(call, async () => {
          const { ask, sets, coverage } = await answer(deps, dialect, call);
          const [first, last] = [sets[0]?.window, sets.at(-1)?.window];
          const whole = { start: first?.start ?? 0, end: last?.end ?? 0 };
          const shown = sets.map((set) => ({
            allocations: rowsOf(set, ask, summaryAllocation),
            window: edges(set.window),
          }));
          const step = ((first?.end ?? 0) - (first?.start ?? 0)) * NANOSECONDS;
          return {
            code: 200,
            status: 'success',
            data: { step, sets: shown, window: edges(whole) },
            ...warningOf(coverage),
          };
        }),
    );
  }
  add(openCostHealth, () => ({}));
}

const NANOSECONDS = 1_000_000;

interface OpenCostCall {
  readonly query: OpenCostQuery;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

async function answer({ allocations, clock }: Deps, dialect: Dialect, { query, request, signal }: OpenCostCall) {
  const ask = readOpenCostQuery(query, { principal: principalOf(request), dialect, now: clock.now() });
  return { ask, ...(await allocations.sets(ask.question, signal)) };
}

/** What cannot be answered, as OpenCost says it. A defect goes on to those who note it. */
async function inTheirShape<T>({ request, reply }: OpenCostCall, work: () => Promise<T>) {
  try {
    return await work();
  } catch (error) {
    const failure = toAppError(error, { bodyBytesMax: request.routeOptions.bodyLimit });
    if (failure.status >= 500) throw failure;
    reply.code(failure.status);
    return { code: failure.status, status: 'error' as const, data: null, message: `Error: ${failure.message}` };
  }
}

/** Rows by name; where a page is asked for, of the dearest first. */
function rowsOf<T>(
  { rows, window }: AllocationSet,
  { question: { keys }, metric, limit, offset }: OpenCostAsk,
  shown: (row: AllocationRow, context: RowContext) => T,
): Record<string, T> {
  const byCost = rows.toSorted((a, b) => {
    const [costA, costB] = [totalOf(a), totalOf(b)];
    if (costA !== costB) return costA < costB ? 1 : -1;
    return rowName(a) < rowName(b) ? -1 : 1;
  });
  const page = byCost.slice(offset, offset + limit);
  return Object.fromEntries(page.map((row) => [rowName(row), shown(row, { keys, window, metric })]));
}

/** A missing hour is never silently zero. */
function warningOf({ hours_asked, hours_covered, ratio }: Coverage): { warning?: string } {
  if (ratio >= 1) return {};
  const [known, asked] = [hours_covered, hours_asked].map((hours) => Math.round(hours * 100) / 100);
  return { warning: `${known} of ${asked} hours are known, over all clusters` };
}

function edges({ start, end }: Window): { start: string; end: string } {
  return { start: instant(start), end: instant(end) };
}
