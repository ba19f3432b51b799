import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  OPENCOST_ALLOCATIONS,
  OPENCOST_HEALTH,
  OPENCOST_SUMMARIES,
  type OpenCostAllocations,
  type OpenCostQuery,
  type OpenCostSummary,
} from '../../contracts/opencost.ts';
import { type Window, wholeOf } from '../../core/coverage.ts';
import { LateArray, LazyRecord } from '../../lib/json-text.ts';
import { mapped } from '../../lib/mapped.ts';
import type { AllocationRow, AllocationSet, FoundAllocations } from '../../queries/allocations.ts';
import { CSV_MEDIA_TYPE } from '../allocations/csv.ts';
import { foundAllocations } from '../allocations/found-allocations.ts';
import { openCostName } from '../allocations/row-names.ts';
import { rated, totalOf } from '../allocations/shares.ts';
import { answerCached } from '../caching.ts';
import type { ServerDeps } from '../dependencies.ts';
import {
  createInstants,
  instant,
  openCostAllocation,
  type RowContext,
  summaryAllocation,
} from '../opencost/allocation-json.ts';
import { openCostCsv } from '../opencost/csv.ts';
import { refusalOf, warningOf } from '../opencost/envelope.ts';
import type { Dialect } from '../opencost/parameters.ts';
import { type OpenCostAsk, readOpenCostQuery } from '../opencost/read-query.ts';
import { uniquelyNamed } from '../opencost/unique-names.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute, Call } from '../route.ts';
import { Streamed } from '../streamed.ts';

type Deps = Pick<ServerDeps, 'allocations' | 'evidence' | 'clock' | 'version'>;

/** The OpenCost API: a translation over the same questions that the native one asks, with no arithmetic of its own. */
export function addOpenCostRoutes(add: AddRoute, deps: Deps): void {
  for (const contract of OPENCOST_ALLOCATIONS) {
    const dialect = contract.url === '/model/allocation' ? 'kubecost' : 'opencost';
    const handle = (call: Call<typeof contract>) =>
      answered(deps, { ...call, dialect }, (ask, found) => {
        if (ask.format === 'csv') {
          return attached(call.reply, () =>
            openCostCsv(
              mapped(found.sets, (set) => csvRows(ask, set)),
              ask.question.keys,
            ),
          );
        }
        const shown = (set: AllocationSet) => rowsOf(set, ask, openCostAllocation);
        return Streamed.late<OpenCostAllocations>({
          code: 200,
          status: 'success',
          data: new LateArray(mapped(found.sets, shown)),
          ...warningOf(found.coverage),
        });
      });
    add(contract, handle, { refused: refusalOf });
  }
  for (const contract of OPENCOST_SUMMARIES) {
    const dialect = contract.url === '/model/allocation/summary' ? 'kubecost' : 'opencost';
    const handle = (call: Call<typeof contract>) =>
      answered(deps, { ...call, dialect }, (ask, found) => Streamed.late<OpenCostSummary>(summaryOf(ask, found)));
    add(contract, handle, { refused: refusalOf });
  }
  for (const contract of OPENCOST_HEALTH) add(contract, () => ({}));
}

const NANOSECONDS = 1_000_000;

interface OpenCostCall {
  readonly query: OpenCostQuery;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
  readonly dialect: Dialect;
}

async function answered<T>(deps: Deps, call: OpenCostCall, shown: (ask: OpenCostAsk, found: FoundAllocations) => T) {
  const { query, request, reply, signal, dialect } = call;
  try {
    const ask = readOpenCostQuery(query, { principal: principalOf(request), dialect, now: deps.clock.now() });
    const { question, now: _now, ...rest } = ask;
    return await answerCached(deps, {
      request,
      reply,
      signal,
      question,
      shown: rest,
      answer: async (look) => shown(ask, await foundAllocations(deps.allocations, question, { signal, look })),
    });
  } catch (error) {
    return refusalOf(error, call);
  }
}

/** Rows by name, made when they are written. */
function rowsOf<T>(set: AllocationSet, ask: OpenCostAsk, shown: (row: AllocationRow, context: RowContext) => T) {
  const context = contextOf(ask, set);
  const page = pageOf(set, ask);
  const named = page.map(({ row, name }) => ({ name, isSpecial: row.kind !== 'allocation', value: row }));
  return new LazyRecord(() => uniquelyNamed(named).map(([name, row]) => [name, shown(row, context)] as const));
}

function contextOf({ question: { keys, idleBy } }: OpenCostAsk, { window }: AllocationSet): RowContext {
  return { keys, idleBy, window, told: createInstants() };
}

/** The dearest first; what they cost as the metric has it. */
function pageOf({ rows, window }: AllocationSet, { metric, now, limit, offset }: OpenCostAsk): NamedRow[] {
  const known = rows.map((row) => ({ row, name: openCostName(row), total: totalOf(row) }));
  const byCost = known.sort((a, b) => {
    if (a.total !== b.total) return a.total < b.total ? 1 : -1;
    return a.name < b.name ? -1 : 1;
  });
  return byCost
    .slice(offset, offset + limit)
    .map(({ row, name }) => ({ name, row: rated(row, window, { metric, now }) }));
}

interface NamedRow {
  readonly name: string;
  readonly row: AllocationRow;
}

function* csvRows(ask: OpenCostAsk, set: AllocationSet) {
  const context = contextOf(ask, set);
  for (const { row } of pageOf(set, ask)) {
    yield { shown: openCostAllocation(row, context), values: row.kind === 'allocation' ? row.values : [] };
  }
}

function attached(reply: FastifyReply, lines: () => AsyncIterable<string>) {
  reply.header('content-disposition', 'attachment; filename="allocation.csv"');
  return Streamed.as(CSV_MEDIA_TYPE, lines);
}

function summaryOf(ask: OpenCostAsk, { sets, coverage }: FoundAllocations) {
  const [first] = ask.question.sets;
  const shown = (set: AllocationSet) => ({
    allocations: rowsOf(set, ask, summaryAllocation),
    window: edges(set.window),
  });
  return {
    code: 200 as const,
    status: 'success' as const,
    data: {
      step: ((first?.end ?? 0) - (first?.start ?? 0)) * NANOSECONDS,
      sets: new LateArray(mapped(sets, shown)),
      window: edges(wholeOf(ask.question.sets)),
    },
    ...warningOf(coverage),
  };
}

function edges({ start, end }: Window): { start: string; end: string } {
  return { start: instant(start), end: instant(end) };
}
