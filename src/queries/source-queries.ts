import { z } from 'zod';
import type { ClusterSources, SourceState, Sources } from '../contracts/sources.ts';
import { askedMs, ledgerHours, type Window } from '../core/coverage.ts';
import { COVERED_ENOUGH, reasonOfRecord } from '../core/source-of-record.ts';
import { type Clock, DAY_MS, HOUR_MS, hourStart, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster, Clusters } from '../store/relational/clusters.ts';
import type { SourceLog, SourceLogEntry } from '../store/relational/source-log.ts';
import { coverageRatio } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import { readSql } from './statements.ts';

/** Who reports what, and who is counted: design law 4, made visible. */
export interface SourceQueries {
  /** Throws `not_found` where there is no cluster of the name. */
  sources(ask: SourcesAsk, signal?: AbortSignal): Promise<Sources>;
}

export interface SourcesAsk extends Window {
  readonly tenant: string;
  /** The only cluster that the caller may see, by our id; `null` is any of the tenant's. */
  readonly onlyCluster: string | null;
  readonly cluster?: string | undefined;
}

export interface SourceQueryDeps {
  readonly columnar: Pick<Columnar, 'rows'>;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly sourceLog: Pick<SourceLog, 'list'>;
  readonly clock: Clock;
  /** Sources from the richest to the poorest. */
  readonly sourceOrder: readonly string[];
}

const HoursRow = z.object({
  cluster: z.string(),
  source: z.string(),
  last_s: z.coerce.number(),
  day_ms: z.coerce.number(),
  week_ms: z.coerce.number(),
  window_ms: z.coerce.number(),
  hours_counted: z.coerce.number(),
});
type HoursRow = z.infer<typeof HoursRow>;

const NowRow = z.object({
  cluster: z.string(),
  hour_s: z.coerce.number(),
  source: z.string(),
  reported_sources: z.array(z.string()),
  reported_ms: z.array(z.coerce.number()),
});
type NowRow = z.infer<typeof NowRow>;

export function createSourceQueries(deps: SourceQueryDeps): SourceQueries {
  return { sources: (ask, signal) => readSources(deps, ask, signal) };
}

async function readSources(deps: SourceQueryDeps, ask: SourcesAsk, signal?: AbortSignal): Promise<Sources> {
  const { columnar, clock, sourceOrder } = deps;
  const now = clock.now();
  const clusters = await askedClusters(deps, ask);
  const scope = { tenant: ask.tenant, clusters: clusters.map(({ id }) => id) };
  const params = { ...scope, ...windowsOf(ask, now) };
  const [hours, newest, log] = await Promise.all([
    columnar.rows({ sql: readSql('source-hours'), params, row: HoursRow }, signal),
    columnar.rows({ sql: readSql('source-now'), params: scope, row: NowRow }, signal),
    deps.sourceLog.list(ask.tenant),
  ]);
  return {
    start_time: new Date(ask.start).toISOString(),
    end_time: new Date(ask.end).toISOString(),
    order: [...sourceOrder],
    covered_enough: COVERED_ENOUGH,
    clusters: clusters.map(({ id, name }): ClusterSources => {
      const ofCluster = <Row extends { cluster: string }>(rows: readonly Row[]) =>
        rows.filter((row) => row.cluster === id);
      const counted = newest.find(({ cluster }) => cluster === id);
      return {
        cluster_id: id,
        cluster_name: name,
        hours_asked: askedMs(ask, now) / HOUR_MS,
        counted: counted ? countedNow(counted, sourceOrder) : null,
        sources: statesOf({ hours: ofCluster(hours), log: ofCluster(log), counted: counted?.source, now, sourceOrder }),
      };
    }),
  };
}

async function askedClusters(deps: SourceQueryDeps, { tenant, onlyCluster, cluster }: SourcesAsk): Promise<Cluster[]> {
  const all = (await deps.clusters.list(tenant)).filter(({ id }) => onlyCluster === null || id === onlyCluster);
  const asked = cluster === undefined ? all : all.filter(({ name }) => name === cluster);
  if (cluster === undefined || asked.length > 0) return asked;
  throw new AppError('not_found', `no cluster named "${cluster}"`, { details: { cluster } });
}

/** The last day and week are whole hours up to the open one, and what has passed of that. */
function windowsOf(ask: SourcesAsk, now: number) {
  const asked = ledgerHours(ask);
  return {
    start: engineInstant(asked.start),
    end: engineInstant(asked.end),
    day_start: engineInstant(hourStart(now) - DAY_MS),
    week_start: engineInstant(hourStart(now) - 7 * DAY_MS),
    now: engineInstant(now),
  };
}

const WHY = {
  only: (source: string) => `${source} alone reported this hour`,
  first: (source: string) => `${source} comes first in the order of those that covered enough of this hour`,
  covered_more: (source: string, passedOver: readonly string[]) =>
    `${source} is counted, for ${passedOver.join(', ')} covered less than ${COVERED_ENOUGH * 100} % of what the best one did`,
} as const;

function countedNow(row: NowRow, order: readonly string[]): ClusterSources['counted'] {
  const reports = row.reported_sources.map((source, index) => ({ source, coveredMs: row.reported_ms[index] ?? 0 }));
  const { code, passedOver } = reasonOfRecord(row.source, reports, order);
  return {
    source: row.source,
    hour: new Date(row.hour_s * SECOND_MS).toISOString(),
    reason: code,
    passed_over: [...passedOver],
    why: WHY[code](row.source, passedOver),
  };
}

interface Known {
  readonly hours: readonly HoursRow[];
  readonly log: readonly SourceLogEntry[];
  readonly counted: string | undefined;
  readonly now: number;
  readonly sourceOrder: readonly string[];
}

/** Every source that was ever heard of, or reported an hour, in the order of belief. */
function statesOf({ hours, log, counted, now, sourceOrder }: Known): SourceState[] {
  const rank = (source: string) => (sourceOrder.includes(source) ? sourceOrder.indexOf(source) : sourceOrder.length);
  const names = new Set([...hours, ...log].map(({ source }) => source));
  const inOrder = [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return inOrder.map((source) => {
    const reported = hours.find((row) => row.source === source);
    const told = log.find((entry) => entry.source === source);
    return {
      source,
      counted: source === counted,
      ...timesOf(reported, told, now),
      ...sharesOf(reported, now),
      ...rowsOf(told),
    };
  });
}

function timesOf(reported: HoursRow | undefined, told: SourceLogEntry | undefined, now: number) {
  const newest = told?.newestAt ?? (reported ? reported.last_s * SECOND_MS : null);
  return {
    since: textOf(told?.firstAt ?? null),
    last_seen: textOf(told?.lastAt ?? null),
    newest_at: textOf(newest),
    lag_seconds: newest === null ? null : Math.max(0, now - newest) / SECOND_MS,
  };
}

function sharesOf(reported: HoursRow | undefined, now: number) {
  const open = now - hourStart(now);
  return {
    coverage_24h: coverageRatio(reported?.day_ms ?? 0, DAY_MS + open),
    coverage_7d: coverageRatio(reported?.week_ms ?? 0, 7 * DAY_MS + open),
    hours_reported: (reported?.window_ms ?? 0) / HOUR_MS,
    hours_counted: reported?.hours_counted ?? 0,
  };
}

function rowsOf(told: SourceLogEntry | undefined) {
  const reasons = told?.reasons ?? [];
  return {
    rows_taken: told?.taken ?? 0,
    rows_refused: told?.refused ?? 0,
    refused_reasons: reasons.map(({ reason, count, lastAt }) => ({ reason, count, last_at: instantText(lastAt) })),
  };
}

const instantText = (at: number): string => new Date(at).toISOString();
const textOf = (at: number | null): string | null => (at === null ? null : instantText(at));
