import type { CostBreakdown, Coverage, Trends } from '../../contracts/costs.ts';
import type { CostAnswers, CostAsk } from './cost-answers.ts';
import { COST_COLUMNS, type ColumnOf, column, OTHER_ID, otherNote, totalOf } from './cost-columns.ts';
import type { Cell, Report } from './report.ts';

/** One way to lay out costs: the question it asks, and the columns that show the answer. */
export type Aggregate = (answers: CostAnswers, ask: AggregateAsk, signal?: AbortSignal) => Promise<Report>;

export interface AggregateAsk extends CostAsk {
  /** Most rows to show. */
  readonly limit: number;
}

/** The values of `--aggregate`. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  namespace: async (answers, { limit, ...ask }, signal) => {
    const answer = await answers.namespaces(ask, limit, signal);
    return report(answer, answer.costs, NAMESPACE_COLUMNS, { total: answer.pagination.total, totals: answer.total });
  },
  cluster: async (answers, { limit, ...ask }, signal) => {
    const answer = await answers.clusters(ask, limit, signal);
    return report(answer, answer.costs, CLUSTER_COLUMNS, { total: answer.pagination.total, totals: answer.total });
  },
  pod: async (answers, { limit, ...ask }, signal) => {
    const answer = await answers.utilization(ask, limit, signal);
    return report(answer, answer.metrics, POD_COLUMNS, { total: answer.pagination.total });
  },
  hour: (answers, ask, signal) => trend(answers, { ...ask, interval: 'hourly' }, signal),
  day: (answers, ask, signal) => trend(answers, { ...ask, interval: 'daily' }, signal),
  week: (answers, ask, signal) => trend(answers, { ...ask, interval: 'weekly' }, signal),
};

interface TrendRequest extends AggregateAsk {
  readonly interval: Trends['interval'];
}

async function trend(
  answers: CostAnswers,
  { limit, interval, ...ask }: TrendRequest,
  signal?: AbortSignal,
): Promise<Report> {
  const answer = await answers.trends(ask, interval, signal);
  const shown = answer.trends.slice(-limit); // the newest, where not all are
  return report(answer, shown, TREND_COLUMNS, { total: answer.trends.length, totals: answer.total });
}

interface Used {
  readonly avg_cpu_usage_millicores: number;
  readonly total_cpu_request_millicores: number;
  readonly avg_memory_usage_bytes: number;
  readonly total_memory_request_bytes: number;
  readonly pod_count: number;
}

const USE_COLUMNS: readonly ColumnOf<Used>[] = [
  column('CPU used', ['cpu_used_millicores', 'millicores'], (row) => row.avg_cpu_usage_millicores),
  column('CPU req.', ['cpu_requested_millicores', 'millicores'], (row) => row.total_cpu_request_millicores),
  column('RAM used', ['ram_used_bytes', 'bytes'], (row) => row.avg_memory_usage_bytes),
  column('RAM req.', ['ram_requested_bytes', 'bytes'], (row) => row.total_memory_request_bytes),
  column('Pods', ['pods', 'count'], (row) => row.pod_count),
];

type NamespaceRow = Awaited<ReturnType<CostAnswers['namespaces']>>['costs'][number];
const NAMESPACE_COLUMNS: readonly ColumnOf<NamespaceRow>[] = [
  column('Namespace', ['namespace', 'text'], (row) => row.namespace),
  ...COST_COLUMNS,
  column('Efficiency', ['efficiency', 'ratio'], (row) => row.efficiency.total),
  ...USE_COLUMNS,
];

type ClusterRow = Awaited<ReturnType<CostAnswers['clusters']>>['costs'][number];
const CLUSTER_COLUMNS: readonly ColumnOf<ClusterRow>[] = [
  column('Cluster', ['cluster', 'text'], (row) => row.cluster_name),
  ...COST_COLUMNS,
  column('Efficiency', ['efficiency', 'ratio'], (row) => row.efficiency.total),
  ...USE_COLUMNS,
  column('Namespaces', ['namespaces', 'count'], (row) => row.namespace_count),
  column('Nodes', ['nodes', 'count'], (row) => row.node_count),
];

type PodRow = Awaited<ReturnType<CostAnswers['utilization']>>['metrics'][number];
const POD_COLUMNS: readonly ColumnOf<PodRow>[] = [
  column('Cluster', ['cluster', 'text'], (row) => row.cluster_name),
  column('Namespace', ['namespace', 'text'], (row) => row.namespace),
  column('Pod', ['pod', 'text'], (row) => row.pod_name),
  ...COST_COLUMNS,
  column('CPU used', ['cpu_used_millicores', 'millicores'], (row) => row.avg_cpu_usage_millicores),
  column('CPU req.', ['cpu_requested_millicores', 'millicores'], (row) => row.avg_cpu_request_millicores),
  column('RAM used', ['ram_used_bytes', 'bytes'], (row) => row.avg_memory_usage_bytes),
  column('RAM req.', ['ram_requested_bytes', 'bytes'], (row) => row.avg_memory_request_bytes),
  column('Run', ['run_hours', 'hours'], (row) => row.run_hours),
];

type TrendRow = Trends['trends'][number];
/** A step that nobody reported has no cost and no use: they are unknown, not zero. */
const TREND_COLUMNS: readonly ColumnOf<TrendRow>[] = [
  column('Start', ['start', 'instant'], (row) => row.time),
  ...[...COST_COLUMNS, ...USE_COLUMNS].map((shown) => known(shown)),
  column('Coverage', ['coverage', 'ratio'], (row) => row.coverage),
];

function known(shown: ColumnOf<TrendRow>): ColumnOf<TrendRow> {
  return { ...shown, cell: (row) => (row.coverage === 0 ? null : shown.cell(row)) };
}

interface Answer {
  readonly start_time: string;
  readonly end_time: string;
  readonly coverage: Coverage;
}

interface Whole {
  /** Rows there are, shown or not. */
  readonly total: number;
  /** Costs of all rows, shown or not. */
  readonly totals?: CostBreakdown;
}

function report<Row>(answer: Answer, rows: readonly Row[], all: readonly ColumnOf<Row>[], whole: Whole): Report {
  const columns = all.filter((one) => one.id !== OTHER_ID || hasOther(rows, { column: one, total: whole.totals }));
  return {
    columns,
    rows: rows.map((row) => columns.map(({ cell }) => cell(row))),
    totals: columns.map(({ id, kind }) => (kind === 'money' && whole.totals ? totalOf(id, whole.totals) : null)),
    coverage: answer.coverage,
    window: { start: answer.start_time, end: answer.end_time },
    notes: [
      ...(whole.total > rows.length ? [`${rows.length} of ${whole.total} rows shown; --limit shows more`] : []),
      ...(whole.totals ? otherNote(whole.totals) : []),
    ],
    answer,
  };
}

/** Whether anything beside CPU and RAM was paid for: else its column would hold nothing but zeros. */
function hasOther<Row>(
  rows: readonly Row[],
  { column, total }: { column: ColumnOf<Row>; total: CostBreakdown | undefined },
): boolean {
  return (total !== undefined && otherNote(total).length > 0) || rows.some((row) => !NOTHING.has(column.cell(row)));
}

const NOTHING: ReadonlySet<Cell> = new Set([null, '0']);
