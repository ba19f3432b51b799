import { RESTATING_SOURCES } from '../core/hour-facts.ts';
import { ENRICHING_SOURCE, sourceOfRecord } from '../core/source-of-record.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import { priceAttachments, repriceAttachments } from './attachments.ts';
import { writeDescriptions } from './descriptions.ts';
import { managementParams } from './management.ts';
import { type ContainerPricing, priceContainers } from './parts.ts';
import { priceNodes } from './price-nodes.ts';
import { priceParams } from './price-params.ts';
import { withScratch } from './scratch.ts';
import {
  CLUSTER_HOUR,
  FROM_ENRICHED_POINTS,
  FROM_ENRICHED_SAMPLES,
  FROM_FACTS,
  FROM_LEDGER,
  FROM_POINTS,
  FROM_SAMPLES,
  type HourStatements,
  REPRICE_CLUSTER_HOUR,
  UNREPORTED_HOUR,
} from './statements.ts';
import { type HourLook, type HourReport, type Shape, surveyHour } from './survey.ts';
import { arrivalsOf, type Told } from './told.ts';

/**
 * Computes one hour of one cluster, whole, inside the engine: choose the source of record, hold and integrate its samples,
 * price, write. The same samples give the same rows, whatever order they came in and however often this runs.
 *
 * Rows are written nodes first, then containers (one insert: what readers add up), volumes, load balancers, and then the
 * record of the hour, which is what makes it known. A crash in between leaves the hour due, and the next pass writes all of it again.
 */
export interface Hour {
  readonly tenant: string;
  readonly cluster: string;
  /** Start of the hour, milliseconds. */
  readonly hour: number;
}

export interface HourOptions {
  /** Sources from the richest to the poorest. */
  readonly sourceOrder: readonly string[];
  /** A sample is held until the next one if that comes within twice the usual interval, and never less than this. */
  readonly holdMinMs: number;
  /** Rows that the engine reads at once (parts.ts). */
  readonly partRowsMax?: number;
}

export interface HourInput extends Hour, HourLook {
  readonly price: PriceVersion;
  readonly version: bigint;
  /** The newest arrival that was known before the samples were read, and when that was (the engine's clock). */
  readonly seenMs: number;
  readonly computedMs: number;
}

/** One insert must be one block: only a block is atomic for readers. Above any cluster's hour, below the engine's memory. */
const ONE_BLOCK = {
  max_insert_threads: 1,
  min_insert_block_size_rows: 4_000_000,
  min_insert_block_size_bytes: 2_000_000_000,
  max_partitions_per_insert_block: 10,
  // Compiling these expressions takes longer than running them, at any size of hour that was measured.
  compile_expressions: 0,
  // By free memory the engine would give a part one thread, which takes twice as long; two hold under 250 MB.
  max_threads: 2,
  max_threads_min_free_memory_per_thread: 0,
  // Scratch tables need not outlive a power cut.
  fsync_metadata: 0,
} as const;

/**
 * Returns the source that was counted. Where no source saw a node it is `undefined`: of such an hour only that it was looked
 * at is written, else it would be due for ever. What the ledger may have of it from before stays.
 */
export async function computeHour(
  columnar: Columnar,
  input: HourInput,
  options: HourOptions,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const key = hourParams(input);
  const { told, sampled } = input;
  const reports = await surveyHour(columnar, { key, holdMinMs: options.holdMinMs, told, sampled }, signal);
  const record = sourceOfRecord(reports, options.sourceOrder);
  if (!record) {
    await columnar.command({ sql: UNREPORTED_HOUR, params: { ...key, ...lookParams(input) } }, signal);
    return undefined;
  }

  const beside = reports.find(({ source }) => source === ENRICHING_SOURCE && source !== record.source);
  const statements = statementsFor(record, beside);
  // What the API server tells of requests stands by the interval of its own.
  const askedHoldMs = Math.max(record.holdMs, beside?.holdMs ?? 0);
  // One post of an agent tells all it knows at once; a scrape of one exporter does not.
  const inPieces = beside !== undefined || record.shape === 'points';
  const params = {
    ...key,
    ...priceParams(input.price),
    source: record.source,
    point_sources: [record.source],
    restates: RESTATING_SOURCES.has(record.source),
    interval_ms: record.usualIntervalMs,
    hold_ms: record.holdMs,
    asked_hold_ms: askedHoldMs,
    asked_interval_ms: beside?.usualIntervalMs ?? record.usualIntervalMs,
    used_fill_ms: inPieces ? record.holdMs - 1 : 0,
    asked_fill_ms: inPieces ? askedHoldMs - 1 : 0,
    version: input.version.toString(),
  };
  // The API server saw nodes and pods for as long as it covers, whether or not their usage came through.
  const coveredMs = record.shape === 'facts' ? record.coveredMs : Math.max(record.coveredMs, beside?.coveredMs ?? 0);
  const rows = rowsOf(told, record, beside);
  const { partRowsMax } = options;
  await priceUse(columnar, { statements, shape: record.shape, rows, partRowsMax, price: input.price, params }, signal);
  const bound = { key, price: input.price, version: input.version, settings: ONE_BLOCK };
  await priceAttachments(columnar, { ...bound, told, record, beside }, signal);
  await writeDescriptions(columnar, { key, told }, signal);
  await columnar.command(
    {
      sql: CLUSTER_HOUR,
      params: {
        ...key,
        source: record.source,
        covered_ms: coveredMs,
        sources: reports.map((report) => report.source),
        sources_covered_ms: reports.map((report) => report.coveredMs),
        nodes: record.nodes,
        ...(await managementParams(columnar, { key, told, price: input.price, coveredMs }, signal)),
        price_version: input.price.id,
        ...lookParams(input),
      },
    },
    signal,
  );
  return record.source;
}

/** Prices an hour of the ledger again, from the quantities it holds: samples may be long gone. */
export async function repriceHour(
  columnar: Columnar,
  input: Hour & { price: PriceVersion; version: bigint; source: string },
  signal?: AbortSignal,
): Promise<void> {
  const params = {
    ...hourParams(input),
    ...priceParams(input.price),
    source: input.source,
    version: input.version.toString(),
  };
  const { price, version } = input;
  await priceUse(columnar, { statements: FROM_LEDGER, shape: 'ledger', rows: 0, price, params }, signal);
  await repriceAttachments(columnar, { key: hourParams(input), price, version, settings: ONE_BLOCK }, signal);
  await columnar.command({ sql: REPRICE_CLUSTER_HOUR, params }, signal);
}

type Use = Pick<ContainerPricing, 'statements' | 'shape' | 'rows' | 'partRowsMax' | 'params'> & { price: PriceVersion };

/** Nodes first: containers pay shares of what these cost. */
async function priceUse(columnar: Columnar, { price, ...use }: Use, signal: AbortSignal | undefined): Promise<void> {
  await withScratch(columnar, use.params.version, async (scratch) => {
    const priced = { ...use, params: { ...use.params, ...scratch }, settings: ONE_BLOCK };
    await priceNodes(columnar, { ...priced, price }, signal);
    await priceContainers({ ...priced, columnar, signal });
  });
}

/** What is read of pods: points of one source tell of everything, and of samples those that the API server told count too. */
function rowsOf(told: readonly Told[], record: HourReport, beside: HourReport | undefined): number {
  return told
    .filter(
      ({ shape, source }) =>
        (shape === record.shape && source === record.source) || (shape === beside?.shape && source === beside.source),
    )
    .reduce((sum, { rows }) => sum + rows, 0);
}

const STATEMENTS = {
  samples: { alone: FROM_SAMPLES, enriched: FROM_ENRICHED_SAMPLES },
  points: { alone: FROM_POINTS, enriched: FROM_ENRICHED_POINTS },
} as const satisfies Partial<Record<Shape, { alone: HourStatements; enriched: HourStatements }>>;

/** An hour that a source states whole has nothing to be enriched in. */
function statementsFor({ shape }: HourReport, beside: HourReport | undefined): HourStatements {
  if (shape === 'facts') return FROM_FACTS;
  const { alone, enriched } = STATEMENTS[shape];
  return beside ? enriched : alone;
}

/** ClickHouse reads a DateTime64 parameter from text; the zone is the parameter's own, UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

/** The hour as every statement is bound to it. */
export function hourParams({ tenant, cluster, hour }: Hour) {
  return { tenant, cluster, hour: instant(hour) };
}

/** What was seen when the hour was computed. */
function lookParams({ seenMs, computedMs, version, told }: HourInput) {
  return {
    seen_at: instant(seenMs),
    arrivals: arrivalsOf(told),
    computed_at: instant(computedMs),
    version: version.toString(),
  };
}
