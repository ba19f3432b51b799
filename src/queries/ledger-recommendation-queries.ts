import { z } from 'zod';
import { ledgerHours } from '../core/coverage.ts';
import { advise } from '../core/right-sizing/advise.ts';
import type { ResourceHistory, WorkloadHistory } from '../core/right-sizing/history.ts';
import { type Clock, DAY_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { parseMoney } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import { FILTER_COLUMNS, reachOf } from './allocation-columns.ts';
import { type ClusterLife, clusterLives } from './cluster-lives.ts';
import { readCoverage } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import { filterSql } from './filter-sql.ts';
import { leafJoins } from './leaf-joins.ts';
import {
  ADVICE_DAYS_MAX,
  type Recommendation,
  type RecommendationQueries,
  type RecommendationQuestion,
  type Recommendations,
} from './recommendations.ts';
import { fillSql, readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly clock: Clock;
}

/** Containers of workloads in one answer, before it is cut into pages. */
const CONTAINERS_MAX = 50_000;
const MS_PER_SECOND = 1_000n;

const Whole = z.string().transform(BigInt);
const WorkloadRow = z.object({
  cluster: z.string(),
  namespace: z.string(),
  controller_kind: z.string(),
  controller: z.string(),
  container: z.string(),
  replicas: z.coerce.number(),
  first_s: z.coerce.number(),
  last_s: z.coerce.number(),
  observed_hours: z.coerce.number(),
  sources: z.array(z.string()),
  run_ms: Whole,
  cpu_usage_max: Whole,
  cpu_usage: Whole,
  cpu_request: Whole,
  cpu_requested: Whole,
  cpu_held: Whole,
  cpu_cost: z.string().transform(parseMoney),
  ram_usage_max: Whole,
  ram_usage: Whole,
  ram_request: Whole,
  ram_requested: Whole,
  ram_held: Whole,
  ram_cost: z.string().transform(parseMoney),
});
type WorkloadRow = z.infer<typeof WorkloadRow>;

/** Reads hours and not days: only they keep peaks. */
export function createRecommendationQueries(deps: Deps): RecommendationQueries {
  return { recommend: (question, signal) => recommend(deps, question, signal) };
}

async function recommend(
  { columnar, clusters, clock }: Deps,
  question: RecommendationQuestion,
  signal?: AbortSignal,
): Promise<Recommendations> {
  const { tenant, onlyCluster } = question;
  const hours = ledgerHours(question.window);
  const days = Math.ceil((hours.end - hours.start) / DAY_MS);
  if (days > ADVICE_DAYS_MAX) {
    const message = `cannot advise from ${days} days; at most ${ADVICE_DAYS_MAX}`;
    throw new AppError('window_too_large', message, { details: { field: 'window', days_max: ADVICE_DAYS_MAX } });
  }
  const known = await clusters.list(tenant);
  const asked = known.filter(({ id }) => onlyCluster === null || id === onlyCluster);
  const params = {
    tenant,
    clusters: asked.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const statement = statementOf(question, asked);
  const [coverage, rows] = await Promise.all([
    readCoverage(
      columnar,
      { clusters: asked, filter: question.filter, ...hours, now: clock.now(), step: 'hour', params },
      signal,
    ),
    columnar.rows({ sql: statement.sql, params: { ...params, ...statement.params }, row: WorkloadRow }, signal),
  ]);
  if (rows.length > CONTAINERS_MAX) throw tooLarge();
  const names = new Map(asked.map(({ id, name }) => [id, name]));
  const lives = clusterLives(coverage.steps);
  return {
    coverage: coverage.answer,
    recommendations: rows.map((row) =>
      recommendationOf(row, { question, name: names.get(row.cluster) ?? row.cluster, life: lives.get(row.cluster) }),
    ),
  };
}

function statementOf({ filter }: RecommendationQuestion, clusters: readonly Cluster[]) {
  const asked = filterSql(filter, FILTER_COLUMNS);
  const parts: Readonly<Record<string, string>> = {
    asked: asked.sql,
    joins: leafJoins(reachOf([], [filter])),
  };
  return {
    sql: fillSql(readSql('recommendations'), parts),
    params: {
      ...asked.params,
      cluster_ids: clusters.map(({ id }) => id),
      cluster_names: clusters.map(({ name }) => name),
      rows_max: CONTAINERS_MAX + 1,
    },
  };
}

interface RowContext {
  readonly question: RecommendationQuestion;
  readonly name: string;
  readonly life: ClusterLife | undefined;
}

function recommendationOf(row: WorkloadRow, { question, name, life }: RowContext): Recommendation {
  const history = historyOf(row, life);
  return {
    workload: {
      cluster: name,
      namespace: row.namespace,
      controllerKind: row.controller_kind,
      controller: row.controller,
      container: row.container,
    },
    history,
    evidence: {
      firstSeenAt: row.first_s * SECOND_MS,
      pods: row.replicas,
      sources: row.sources.toSorted(),
      cpuUsed: row.cpu_usage,
      cpuRequested: row.cpu_request,
      ramUsed: row.ram_usage,
      ramRequested: row.ram_request,
    },
    advice: advise(history, question.aims),
  };
}

function historyOf(row: WorkloadRow, life: ClusterLife | undefined): WorkloadHistory {
  const mean = (used: bigint) => (used * MS_PER_SECOND) / row.run_ms;
  const cpu: ResourceHistory = {
    usageMax: row.cpu_usage_max,
    usageMean: mean(row.cpu_usage),
    requested: row.cpu_requested,
    held: row.cpu_held,
    cost: row.cpu_cost,
  };
  const ram: ResourceHistory = {
    usageMax: row.ram_usage_max,
    usageMean: mean(row.ram_usage),
    requested: row.ram_requested,
    held: row.ram_held,
    cost: row.ram_cost,
  };
  const [firstSeenAt, lastSeenAt] = [row.first_s * SECOND_MS, row.last_s * SECOND_MS];
  return {
    cpu,
    ram,
    runMs: row.run_ms,
    lifeMs: BigInt(life?.coveredMsFrom(firstSeenAt) ?? 0),
    observedHours: row.observed_hours,
    lastSeenAt,
    lastCoveredAt: life?.lastCoveredAt ?? lastSeenAt,
  };
}

function tooLarge(): AppError {
  const message = `there are more than ${CONTAINERS_MAX} containers to advise on; filter them`;
  return new AppError('query_too_large', message, { details: { rows_max: CONTAINERS_MAX } });
}
