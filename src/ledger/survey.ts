import { z } from 'zod';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { SURVEY_FACTS, SURVEY_POINTS, SURVEY_SAMPLES } from './statements.ts';
import type { Told } from './told.ts';

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

/** Every source that told something of the hour, by name. `key` are the hour's own parameters. */
export async function surveyHour(
  columnar: Columnar,
  { key, holdMinMs, told }: { key: Readonly<Record<string, unknown>>; holdMinMs: number; told: readonly Told[] },
  signal?: AbortSignal,
): Promise<HourReport[]> {
  const holds = { default_interval_ms: DEFAULT_INTERVAL_MS, hold_min_ms: holdMinMs, hold_max_ms: HOLD_MAX_MS };
  const read = async (shape: Shape, sql: string, params: Readonly<Record<string, unknown>>) => {
    // Most hours come in one shape: the others' statements need not be planned.
    if (!told.some((one) => one.shape === shape)) return [];
    const rows = await columnar.rows({ sql, params: { ...key, ...params }, row: Row }, signal);
    return rows.map((row) => toReport(row, shape));
  };
  const pointSources = told.filter(({ shape, rows }) => shape === 'points' && rows > 0).map(({ source }) => source);
  const reports = await Promise.all([
    read('samples', SURVEY_SAMPLES, holds),
    pointSources.length === 0 ? [] : read('points', SURVEY_POINTS, { ...holds, point_sources: pointSources }),
    read('facts', SURVEY_FACTS, {}),
  ]);
  return reports.flat();
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
