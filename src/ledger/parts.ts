/**
 * The containers of an hour, priced: at once where the hour is small, and else part by part of its pods, so that the engine's
 * memory is bounded by the part and not by the cluster. The ledger's rows still go in by one insert: parts fill a scratch
 * table of usage, which is small, and that is priced.
 *
 * Points are put in order in a scratch table of their own first (series-of-hour.sql). Scratch tables are dropped when the
 * hour is done; whoever leads the rollup drops what a predecessor left.
 */
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { DROP_SCRATCH, type HourStatements, PRICE_PARTS, SAMPLE_ROWS, SERIES_OF_HOUR } from './statements.ts';
import type { HourReport } from './survey.ts';

/** Names of scratch tables begin so. */
export const SCRATCH_PREFIX = 'scratch_';

/** Rows that one part reads at most, roughly: some 300 MB of the engine's memory. */
const PART_ROWS = { samples: 500_000, points: 1_500_000, facts: Number.POSITIVE_INFINITY } as const;
const PARTS_MAX = 1_000;

export interface ContainerPricing {
  readonly columnar: Columnar;
  readonly statements: HourStatements;
  /** The source that is counted, and beside it the sources whose samples are read. */
  readonly record: HourReport;
  readonly sources: readonly string[];
  readonly params: Readonly<Record<string, unknown>> & { readonly version: string };
  readonly settings: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal | undefined;
  /** For tests: parts of another size give the same hour. */
  readonly partRowsMax?: number;
}

export async function priceContainers(pricing: ContainerPricing): Promise<void> {
  const parts = await partsOf(pricing);
  if (parts === 1) {
    await withSeries(pricing, { parts, part: 0 }, (more) => run(pricing, pricing.statements.priceContainers, more));
    return;
  }
  const usage = `${SCRATCH_PREFIX}usage_${pricing.params.version}`;
  try {
    for (let part = 0; part < parts; part += 1) {
      const { firstUsage, nextUsage } = pricing.statements;
      const statement = part === 0 ? firstUsage : nextUsage;
      await withSeries(pricing, { parts, part }, (more) => run(pricing, statement, { ...more, usage }));
    }
    await run(pricing, PRICE_PARTS, { usage });
  } finally {
    await drop(pricing.columnar, usage);
  }
}

async function partsOf({ columnar, record, sources, params, signal, partRowsMax }: ContainerPricing): Promise<number> {
  const rowsMax = partRowsMax ?? PART_ROWS[record.shape];
  const count = async () => {
    const row = z.object({ rows: z.coerce.number() });
    const [counted] = await columnar.rows({ sql: SAMPLE_ROWS, params: { ...params, sources }, row }, signal);
    return counted?.rows ?? 0;
  };
  if (record.shape === 'facts') return 1;
  const parts = Math.max(1, Math.ceil((record.shape === 'points' ? record.points : await count()) / rowsMax));
  if (parts <= PARTS_MAX) return parts;
  throw new AppError('query_too_large', `cannot compute an hour of ${parts} parts; at most ${PARTS_MAX}`);
}

type More = Readonly<Record<string, string | number>>;

/** Points are put in order for as long as `work` goes on. */
async function withSeries(pricing: ContainerPricing, part: More, work: (more: More) => Promise<void>): Promise<void> {
  if (pricing.record.shape !== 'points') {
    await work(part);
    return;
  }
  const scratch = `${SCRATCH_PREFIX}series_${pricing.params.version}`;
  try {
    await run(pricing, SERIES_OF_HOUR, { ...part, scratch });
    await work({ ...part, scratch });
  } finally {
    await drop(pricing.columnar, scratch);
  }
}

async function run({ columnar, params, settings, signal }: ContainerPricing, sql: string, more: More): Promise<void> {
  await columnar.command({ sql, params: { ...params, ...more }, settings }, signal);
}

/** Not with the hour's own signal: an hour that is called off leaves nothing behind either. */
async function drop(columnar: Columnar, scratch: string): Promise<void> {
  await columnar.command({ sql: DROP_SCRATCH, params: { scratch } });
}
