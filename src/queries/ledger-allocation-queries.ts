import { ledgerHours, type Window } from '../core/coverage.ts';
import { type Clock, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import { FILTER_COLUMNS, keysSql, type Reach, reachOf } from './allocation-columns.ts';
import { CutRow, settleSet } from './allocation-rows.ts';
import type { AllocationQueries, AllocationQuestion, Allocations } from './allocations.ts';
import { readCoverage } from './coverage.ts';
import { filterSql } from './filter-sql.ts';
import { type GrainPlan, planGrain } from './grain.ts';
import { readSql } from './statements.ts';

interface Deps {
  readonly columnar: Columnar;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly clock: Clock;
}

/** Cuts of the ledger that one answer is made of: sets × places × keys. */
const CUTS_MAX = 100_000;

/** Answers allocation questions from the ledger. Throws `query_too_large` for an answer of more than `CUTS_MAX` cuts. */
export function createAllocationQueries(deps: Deps): AllocationQueries {
  return { sets: (question, signal) => answer(deps, question, signal) };
}

async function answer(
  { columnar, clusters, clock }: Deps,
  question: AllocationQuestion,
  signal?: AbortSignal,
): Promise<Allocations> {
  const known = await clusters.list(question.tenant);
  const asked = known.filter(({ id }) => question.onlyCluster === null || id === question.onlyCluster);
  const hours = ledgerHours({ start: question.sets[0]?.start ?? 0, end: question.sets.at(-1)?.end ?? 0 });
  const now = clock.now();
  const request = { tenant: question.tenant, ...hours, now };
  const window = {
    tenant: question.tenant,
    clusters: asked.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const reach = reachOfQuestion(question);
  const cuts = question.sets.map((set) => ledgerHours(set).start);
  const [coverage, grain] = await Promise.all([
    readCoverage(columnar, { ...request, clusters: asked, step: 'week', params: window }, signal),
    reach.hours ? undefined : planGrain(columnar, { ...request, clusters: window.clusters, cuts }, signal),
  ]);
  const statement = statementOf(question, reach);
  const params = { ...window, ...grainParams(grain), ...clusterNames(asked), ...statement.params };
  const rows = await columnar.rows({ sql: statement.sql, params, row: CutRow }, signal);
  if (rows.length > CUTS_MAX) throw tooLarge();
  const bySet = Map.groupBy(rows, ({ set_s }) => set_s * SECOND_MS);
  const names = new Map(asked.map(({ id, name }) => [id, name]));
  const context = { question, names, now, toTheDay: !reach.hours };
  return {
    sets: question.sets.map((set) => ({
      window: set,
      rows: settleSet(rowsOfSet(bySet, set), { ...context, window: set }),
    })),
    coverage: coverage.answer,
  };
}

/** A set without the start of an hour has none, though a set after it may begin at the same hour. */
function rowsOfSet(bySet: ReadonlyMap<number, CutRow[]>, set: Window): CutRow[] {
  const hours = ledgerHours(set);
  return hours.start === hours.end ? [] : (bySet.get(hours.start) ?? []);
}

function reachOfQuestion({ keys, filter, share, idleBy, idle, splitIdle }: AllocationQuestion): Reach {
  const { hours, nodes } = reachOf(keys, [filter, ...(share.rows ? [share.rows] : [])]);
  const byNode = idleBy === 'node' && idle !== 'hide' && (idle === 'share' || splitIdle || filter.kind !== 'all');
  return { hours: hours || byNode, nodes };
}

function statementOf(question: AllocationQuestion, reach: Reach) {
  const { keys, filter, share, sets } = question;
  const [asked, shared] = [
    filterSql(filter, FILTER_COLUMNS, 'filter_'),
    filterSql(share.rows ?? { kind: 'not', part: { kind: 'all' } }, FILTER_COLUMNS, 'shared_'),
  ];
  const values = keysSql(keys);
  const ofPods = keys.some((key) => key.kind === 'text' && key.property === 'pod');
  const parts: Readonly<Record<string, string>> = {
    labels: ofPods
      ? `argMaxIf(CAST(c.labels, 'Map(String, String)'), c.at, part = 'asked')`
      : `CAST(map(), 'Map(String, String)')`,
    place: question.idleBy === 'node' && reach.hours ? 'node' : `''`,
    shared: shared.sql,
    asked: asked.sql,
    keys: values.sql,
    leaves: reach.hours
      ? readSql('allocation-hours')
      : `${readSql('allocation-days')}\nUNION ALL\n${readSql('allocation-hours')}`,
    nodes: reach.nodes
      ? `LEFT JOIN (${readSql('allocation-nodes')}) AS n ON l.cluster = n.cluster AND l.node = n.node`
      : '',
  };
  const starts = sets.map((set) => ledgerHours(set)).filter(({ start, end }) => start < end);
  return {
    sql: readSql('allocations').replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name] ?? ''),
    params: {
      ...asked.params,
      ...shared.params,
      ...values.params,
      set_starts: starts.length === 0 ? [0] : starts.map(({ start }) => start / SECOND_MS),
      keeps_other_keys: share.split === 'even',
      rows_max: CUTS_MAX + 1,
    },
  };
}

function clusterNames(clusters: readonly Cluster[]) {
  return { cluster_ids: clusters.map(({ id }) => id), cluster_names: clusters.map(({ name }) => name) };
}

function grainParams(grain: GrainPlan | undefined) {
  return {
    day_from: grain?.dayFrom ?? '1970-01-01',
    day_to: grain?.dayTo ?? '1970-01-01',
    exception_clusters: grain?.exceptions.map(([cluster]) => cluster) ?? [],
    exception_days: grain?.exceptions.map(([, day]) => day) ?? [],
  };
}

function tooLarge(): AppError {
  const message = `the answer has more than ${CUTS_MAX} rows before they are shared out; ask for fewer sets, fewer keys, or filter`;
  return new AppError('query_too_large', message, { details: { rows_max: CUTS_MAX } });
}

function engineInstant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
