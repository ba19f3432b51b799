import { z } from 'zod';
import { sourceOfRecord } from '../core/source-of-record.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import {
  CLUSTER_HOUR,
  PRICE_CONTAINERS,
  PRICE_NODES,
  REPRICE_CLUSTER_HOUR,
  REPRICE_CONTAINERS,
  REPRICE_NODES,
  SURVEY,
} from './statements.ts';

/**
 * Computes one hour of one cluster, whole, inside the engine: choose the source of record, hold and integrate its samples,
 * price, write. The same samples give the same rows, whatever order they came in and however often this runs.
 *
 * Rows are written nodes first, then containers (one insert: what readers add up), then the record of the hour, which is
 * what makes it known. A crash in between leaves the hour due, and the next pass writes all of it again.
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
}

export interface HourInput extends Hour {
  readonly price: PriceVersion;
  readonly version: bigint;
  /** The newest arrival that was known before the samples were read, and when that was (the engine's clock). */
  readonly seenMs: number;
  readonly computedMs: number;
}

/** A gap longer than this is an outage, however slow the source usually is. */
const HOLD_MAX_MS = HOUR_MS;
/** How long a sample stands where a source was heard but once in two hours. */
const DEFAULT_INTERVAL_MS = MINUTE_MS;

/** One insert must be one block: only a block is atomic for readers. Above any cluster's hour, below the engine's memory. */
const ONE_BLOCK = {
  max_insert_threads: 1,
  min_insert_block_size_rows: 4_000_000,
  min_insert_block_size_bytes: 2_000_000_000,
  max_partitions_per_insert_block: 10,
  // Compiling these expressions takes longer than running them, at any size of hour that was measured.
  compile_expressions: 0,
} as const;

const Report = z.object({
  source: z.string(),
  nodes: z.coerce.number(),
  usual_interval_ms: z.coerce.number(),
  hold_ms: z.coerce.number(),
  covered_ms: z.coerce.number(),
});

/** Returns the source that was counted, or `undefined` where no source reported the hour (nothing is written then). */
export async function computeHour(
  columnar: Columnar,
  input: HourInput,
  options: HourOptions,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const key = hourParams(input);
  const rows = await columnar.rows(
    {
      sql: SURVEY,
      params: {
        ...key,
        default_interval_ms: DEFAULT_INTERVAL_MS,
        hold_min_ms: options.holdMinMs,
        hold_max_ms: HOLD_MAX_MS,
      },
      row: Report,
    },
    signal,
  );
  const reports = rows.map((row) => ({ ...row, coveredMs: row.covered_ms }));
  const record = sourceOfRecord(reports, options.sourceOrder);
  if (!record) return undefined;

  const params = {
    ...key,
    ...priceParams(input.price),
    source: record.source,
    interval_ms: record.usual_interval_ms,
    hold_ms: record.hold_ms,
    version: input.version.toString(),
  };
  await columnar.command({ sql: PRICE_NODES, params, settings: ONE_BLOCK }, signal);
  await columnar.command({ sql: PRICE_CONTAINERS, params, settings: ONE_BLOCK }, signal);
  await columnar.command(
    {
      sql: CLUSTER_HOUR,
      params: {
        ...key,
        source: record.source,
        covered_ms: record.coveredMs,
        sources: reports.map((report) => report.source),
        sources_covered_ms: reports.map((report) => report.coveredMs),
        nodes: record.nodes,
        price_version: input.price.id,
        seen_at: instant(input.seenMs),
        computed_at: instant(input.computedMs),
        version: input.version.toString(),
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
  await columnar.command({ sql: REPRICE_NODES, params, settings: ONE_BLOCK }, signal);
  await columnar.command({ sql: REPRICE_CONTAINERS, params, settings: ONE_BLOCK }, signal);
  await columnar.command({ sql: REPRICE_CLUSTER_HOUR, params }, signal);
}

/** ClickHouse reads a DateTime64 parameter from text; the zone is the parameter's own, UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

function hourParams({ tenant, cluster, hour }: Hour) {
  return { tenant, cluster, hour: instant(hour) };
}

function priceParams({ id, rates }: PriceVersion) {
  return {
    price_version: id,
    cpu_rate: rates.cpuCoreHour.toString(),
    ram_rate: rates.ramGibHour.toString(),
    spot_cpu_rate: rates.spotCpuCoreHour.toString(),
    spot_ram_rate: rates.spotRamGibHour.toString(),
  };
}
