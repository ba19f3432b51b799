import { z } from 'zod';
import type { ClusterCosts, NamespaceCosts, Trends, Utilization } from '../contracts/costs.ts';
import { NO_COSTS } from '../core/allocation/costs.ts';
import { ledgerHours } from '../core/coverage.ts';
import { LEDGER_CURRENCY } from '../core/currency.ts';
import { type Clock, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { ExchangeRates } from '../store/relational/exchange-rates.ts';
import type { CostQueries, CostScope, PageRequest } from './cost-queries.ts';
import { costStatement, utilizationStatement } from './cost-statements.ts';
import { breakdown, CostColumns, costsOf, costUsd, efficiencyOf, TotalColumns } from './costs.ts';
import { type CoverageRead, readCoverage, type Step } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import { type Grains, grainParams, grainsOf, HOURS_ALONE } from './grain.ts';
import { readLedgerView } from './ledger-view.ts';
import { ratesOf } from './money-sums.ts';
import { TrendRow, toTrends } from './trends.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly rates: Pick<ExchangeRates, 'list'>;
  readonly clock: Clock;
}

/** A question made concrete: which clusters, which hours, from which grain, and how much of it the ledger knows. */
interface Question {
  readonly scope: CostScope;
  readonly currency: string;
  readonly clusters: readonly Cluster[];
  readonly grains: Grains;
  readonly params: Readonly<Record<string, unknown>>;
  readonly coverage: CoverageRead;
}

const NamespaceRow = CostColumns.extend(TotalColumns.shape).extend({
  namespace: z.string(),
  cpu_request_millicores: z.number(),
  ram_request_bytes: z.number(),
  cpu_usage_millicores: z.number(),
  ram_usage_bytes: z.number(),
});

const ClusterRow = CostColumns.extend(TotalColumns.shape).extend({
  cluster: z.string(),
  namespace_count: z.coerce.number(),
  node_count: z.coerce.number(),
});

const PodRow = z.object({
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  run_hours: z.number(),
  cpu_usage_millicores: z.number(),
  cpu_request_millicores: z.number(),
  ram_usage_bytes: z.number(),
  ram_request_bytes: z.number(),
  cpu_percent: z.number().nullable(),
  ram_percent: z.number().nullable(),
  costs: CostColumns.shape.costs,
  all_rows: z.coerce.number(),
});

const STEPS = { hourly: 'hour', daily: 'day', weekly: 'week' } as const satisfies Record<Trends['interval'], Step>;

/**
 * Answers cost questions from the ledger: of everything that is in it, as /v1/allocations does. Throws `not_found` for a cluster
 * that the tenant does not have, and what `ratesOf` throws.
 */
export function createCostQueries(deps: Deps): CostQueries {
  return {
    namespaces: (scope, page, signal) => namespaces(deps, scope, page, signal),
    clusters: (scope, page, signal) => clusters(deps, scope, page, signal),
    utilization: (scope, page, signal) => utilization(deps, scope, page, signal),
    async trends(scope, interval, signal) {
      const step = STEPS[interval];
      const question = await prepare(deps, scope, { step, byDay: step !== 'hour' }, signal);
      const sql = costStatement('trends', question);
      const rows = await deps.columnar.rows({ sql, params: { ...question.params, step }, row: TrendRow }, signal);
      return { ...header(question), ...toTrends(rows, { ...question, interval, step, now: deps.clock.now() }) };
    },
  };
}

async function namespaces(
  deps: Deps,
  scope: CostScope,
  page: PageRequest,
  signal?: AbortSignal,
): Promise<NamespaceCosts> {
  const question = await prepare(deps, scope, { step: 'week', byDay: true }, signal);
  const covered = question.clusters.map(({ id }) => (question.coverage.byCluster.get(id) ?? 0) / SECOND_MS);
  const read = (rowsOf: PageRequest) =>
    deps.columnar.rows(
      {
        sql: costStatement('namespaces', question),
        params: { ...question.params, ...rowsOf, covered_s: covered },
        row: NamespaceRow,
      },
      signal,
    );
  const rows = await read(page);
  return {
    ...header(question),
    ...totals(rows[0] ?? (await firstRow(read, page)), page),
    costs: rows.map((row) => {
      const costs = costsOf(row.costs);
      return {
        namespace: row.namespace,
        total_cpu_request_millicores: row.cpu_request_millicores,
        total_memory_request_bytes: row.ram_request_bytes,
        avg_cpu_usage_millicores: row.cpu_usage_millicores,
        avg_memory_usage_bytes: row.ram_usage_bytes,
        pod_count: row.pod_count,
        estimated_cost_usd: costUsd(costs, question.currency),
        cost: breakdown(costs),
        efficiency: efficiencyOf(row, costs),
      };
    }),
  };
}

async function clusters(deps: Deps, scope: CostScope, page: PageRequest, signal?: AbortSignal): Promise<ClusterCosts> {
  const question = await prepare(deps, scope, { step: 'week', byDay: true }, signal);
  const read = (rowsOf: PageRequest) =>
    deps.columnar.rows(
      { sql: costStatement('clusters', question), params: { ...question.params, ...rowsOf }, row: ClusterRow },
      signal,
    );
  const rows = await read(page);
  const names = clusterNames(question);
  return {
    ...header(question),
    ...totals(rows[0] ?? (await firstRow(read, page)), page),
    costs: rows.map((row) => {
      const costs = costsOf(row.costs);
      const seconds = Math.max(1, (question.coverage.byCluster.get(row.cluster) ?? 0) / SECOND_MS);
      return {
        cluster_name: names.get(row.cluster) ?? row.cluster,
        total_cpu_request_millicores: (row.cpu_request / seconds) * 1000,
        total_memory_request_bytes: row.ram_request / seconds,
        avg_cpu_usage_millicores: (row.cpu_usage / seconds) * 1000,
        avg_memory_usage_bytes: row.ram_usage / seconds,
        pod_count: row.pod_count,
        namespace_count: row.namespace_count,
        node_count: row.node_count,
        estimated_cost_usd: costUsd(costs, question.currency),
        cost: breakdown(costs),
        efficiency: efficiencyOf(row, costs),
      };
    }),
  };
}

async function utilization(
  deps: Deps,
  scope: CostScope,
  page: PageRequest,
  signal?: AbortSignal,
): Promise<Utilization> {
  const question = await prepare(deps, scope, { step: 'week', byDay: false }, signal);
  const read = (rowsOf: PageRequest) =>
    deps.columnar.rows(
      { sql: utilizationStatement(scope), params: { ...question.params, ...rowsOf }, row: PodRow },
      signal,
    );
  const rows = await read(page);
  const first = rows[0] ?? (await firstRow(read, page));
  const names = clusterNames(question);
  return {
    ...header(question),
    pagination: { total: first?.all_rows ?? 0, ...page },
    metrics: rows.map((row) => ({
      cluster_name: names.get(row.cluster) ?? row.cluster,
      namespace: row.namespace,
      pod_name: row.pod,
      avg_cpu_usage_millicores: row.cpu_usage_millicores,
      avg_cpu_request_millicores: row.cpu_request_millicores,
      avg_memory_usage_bytes: row.ram_usage_bytes,
      avg_memory_request_bytes: row.ram_request_bytes,
      cpu_utilization_percent: row.cpu_percent,
      memory_utilization_percent: row.ram_percent,
      run_hours: row.run_hours,
      cost: breakdown(costsOf(row.costs)),
    })),
  };
}

async function prepare(
  { columnar, clusters, rates, clock }: Deps,
  scope: CostScope,
  { step, byDay }: { step: Step; byDay: boolean },
  signal?: AbortSignal,
): Promise<Question> {
  const known = await clusters.list(scope.tenant);
  const asked = scope.cluster === undefined ? known : known.filter(({ name }) => name === scope.cluster);
  if (scope.cluster !== undefined && asked.length === 0) {
    throw new AppError('not_found', `no cluster named "${scope.cluster}"`, { details: { cluster: scope.cluster } });
  }
  const hours = ledgerHours(scope);
  const ids = asked.map(({ id }) => id);
  const now = clock.now();
  const window = {
    tenant: scope.tenant,
    clusters: ids,
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const request = { tenant: scope.tenant, start: scope.start, end: scope.end, now };
  const [coverage, view, conversion] = await Promise.all([
    readCoverage(columnar, { ...request, clusters: asked, step, params: window }, signal),
    byDay ? readLedgerView(columnar, { ...request, clusters: ids }, signal) : undefined,
    ratesOf(rates, scope, hours),
  ]);
  const params = {
    ...window,
    ...conversion,
    namespace: scope.namespace ?? '',
    ...grainParams(view?.plan, hours),
  };
  const grains = view ? grainsOf(view.plan, hours) : HOURS_ALONE;
  return { scope, currency: scope.currency ?? LEDGER_CURRENCY, clusters: asked, grains, params, coverage };
}

function header({ scope, currency, coverage }: Question) {
  return {
    start_time: new Date(scope.start).toISOString(),
    end_time: new Date(scope.end).toISOString(),
    currency,
    coverage: coverage.answer,
  };
}

/** A page past the end has no rows, and yet its totals are those of the whole answer. */
async function firstRow<T>(read: (page: PageRequest) => Promise<T[]>, { offset }: PageRequest): Promise<T | undefined> {
  return offset === 0 ? undefined : (await read({ limit: 1, offset: 0 }))[0];
}

function totals(first: z.infer<typeof TotalColumns> | undefined, page: PageRequest) {
  const all = first ? costsOf(first.all_costs) : NO_COSTS;
  return { total: breakdown(all), pagination: { total: first?.all_rows ?? 0, ...page } };
}

function clusterNames({ clusters }: Question): ReadonlyMap<string, string> {
  return new Map(clusters.map(({ id, name }) => [id, name]));
}
