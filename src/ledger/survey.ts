import { z } from 'zod';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { SURVEY_FACTS, SURVEY_POINTS, SURVEY_SAMPLES } from './statements.ts';
import { type ClusterHours, hoursParams, type Told } from './told.ts';

/** In which form a source's raw facts are kept: samples of instants, Prometheus points, or statements of whole hours. */
export type Shape = 'samples' | 'points' | 'facts';

/** What one source told of one hour of one cluster. */
export interface HourReport {
  readonly source: string;
  readonly shape: Shape;
  readonly nodes: number;
  /** The median gap between two of its words about one node. */
  readonly usualIntervalMs: number;
  /** How long one of its samples may stand (docs/decisions/0004). */
  readonly holdMs: number;
  /** Milliseconds of the hour that it covers. */
  readonly coveredMs: number;
}

/** A gap longer than this is an outage, however slow the source usually is. */
const HOLD_MAX_MS = HOUR_MS;
/** How long a sample stands where a source was heard but once in two hours. */
const DEFAULT_INTERVAL_MS = MINUTE_MS;

const Row = z.object({
  source: z.string(),
  nodes: z.coerce.number(),
  usual_interval_ms: z.coerce.number(),
  hold_ms: z.coerce.number(),
  covered_ms: z.coerce.number(),
});
const HourRow = Row.extend({ hour_ms: z.coerce.number() });

/** What those told that post samples, by the start of the hour, milliseconds: one statement for many hours, as `toldOfHours`. */
export async function surveySamples(
  columnar: Columnar,
  { tenant, cluster, hours }: ClusterHours,
  { holdMinMs, signal }: { holdMinMs: number; signal: AbortSignal | undefined },
): Promise<ReadonlyMap<number, readonly HourReport[]>> {
  if (hours.length === 0) return new Map();
  const params = { tenant, cluster, ...hoursParams(hours), ...holdParams(holdMinMs) };
  const rows = await columnar.rows({ sql: SURVEY_SAMPLES, params, row: HourRow }, signal);
  const byHour = Map.groupBy(rows, ({ hour_ms }) => hour_ms);
  return new Map([...byHour].map(([hour, reports]) => [hour, reports.map((row) => toReport(row, 'samples'))]));
}

/** What a look at many hours at once found of one. */
export interface HourLook {
  readonly told: readonly Told[];
  /** Of those that post samples. */
  readonly sampled: readonly HourReport[];
}

interface HourSurvey extends HourLook {
  /** The hour's own parameters. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly holdMinMs: number;
}

/** Every source that told something of the hour, by name. */
export async function surveyHour(
  columnar: Columnar,
  { key, holdMinMs, told, sampled }: HourSurvey,
  signal?: AbortSignal,
): Promise<HourReport[]> {
  const read = async (shape: Shape, sql: string, params: Readonly<Record<string, unknown>>) => {
    // Most hours come in one shape: the others' statements need not be planned.
    if (!told.some((one) => one.shape === shape)) return [];
    const rows = await columnar.rows({ sql, params: { ...key, ...params }, row: Row }, signal);
    return rows.map((row) => toReport(row, shape));
  };
  const pointSources = told.filter(({ shape, rows }) => shape === 'points' && rows > 0).map(({ source }) => source);
  const ofPoints = { ...holdParams(holdMinMs), point_sources: pointSources };
  const reports = await Promise.all([
    pointSources.length === 0 ? [] : read('points', SURVEY_POINTS, ofPoints),
    read('facts', SURVEY_FACTS, {}),
  ]);
  return [...sampled, ...reports.flat()];
}

function holdParams(holdMinMs: number) {
  return { default_interval_ms: DEFAULT_INTERVAL_MS, hold_min_ms: holdMinMs, hold_max_ms: HOLD_MAX_MS };
}

function toReport(row: z.infer<typeof Row>, shape: Shape): HourReport {
  return {
    source: row.source,
    shape,
    nodes: row.nodes,
    usualIntervalMs: row.usual_interval_ms,
    holdMs: row.hold_ms,
    coveredMs: row.covered_ms,
  };
}
