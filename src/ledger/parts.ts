/**
 * The containers of an hour, priced. What they used is put in a scratch table first, part by part of the pods, so that the
 * engine's memory is bounded by the part and not by the cluster; then all of it is charged, and written by one insert.
 *
 * Points are put in order in a scratch table of their own before that (series-of-hour.sql).
 */
import { AppError } from '../lib/errors.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { SCRATCH_PREFIX } from './scratch.ts';
import {
  CHARGES,
  DROP_SCRATCH,
  type HourStatements,
  PRICE_CONTAINERS,
  SERIES_OF_HOUR,
  USAGE_TABLE,
} from './statements.ts';
import type { Shape } from './survey.ts';

/** Rows that one part reads at most, roughly: some 300 MB of the engine's memory. */
const PART_ROWS = { samples: 500_000, points: 1_500_000 } as const;
const PARTS_MAX = 1_000;

export interface ContainerPricing {
  readonly columnar: Columnar;
  readonly statements: HourStatements;
  /** What its usage comes from; an hour that is priced again, from the ledger. */
  readonly shape: Shape | 'ledger';
  /** Rows of the hour that are read: of the source that is counted, and of who told of the same pods. */
  readonly rows: number;
  /** The hour, the rates of the price, and the scratch tables. */
  readonly params: Readonly<Record<string, unknown>> & { readonly version: string };
  readonly settings: Readonly<Record<string, string | number>>;
  readonly signal: AbortSignal | undefined;
  /** For tests: parts of another size give the same hour. */
  readonly partRowsMax?: number | undefined;
}

export async function priceContainers(pricing: ContainerPricing): Promise<void> {
  const parts = partsOf(pricing);
  await run(pricing, USAGE_TABLE);
  for (let part = 0; part < parts; part += 1) {
    await withSeries(pricing, { parts, part }, (more) => run(pricing, pricing.statements.addUsage, more));
  }
  await run(pricing, CHARGES);
  await run(pricing, PRICE_CONTAINERS);
}

function partsOf({ shape, rows, partRowsMax }: ContainerPricing): number {
  if (shape === 'facts' || shape === 'ledger') return 1;
  const parts = Math.max(1, Math.ceil(rows / (partRowsMax ?? PART_ROWS[shape])));
  if (parts <= PARTS_MAX) return parts;
  throw new AppError('query_too_large', `cannot compute an hour of ${parts} parts; at most ${PARTS_MAX}`);
}

type More = Readonly<Record<string, string | number>>;

/** Points are put in order for as long as `work` goes on. */
async function withSeries(pricing: ContainerPricing, part: More, work: (more: More) => Promise<void>): Promise<void> {
  if (pricing.shape !== 'points') {
    await work(part);
    return;
  }
  const scratch = `${SCRATCH_PREFIX}series_${pricing.params.version}`;
  try {
    await run(pricing, SERIES_OF_HOUR, { ...part, scratch });
    await work({ ...part, scratch });
  } finally {
    // Not with the hour's own signal: an hour that is called off leaves nothing behind either.
    await pricing.columnar.command({ sql: DROP_SCRATCH, params: { scratch } });
  }
}

async function run(
  { columnar, params, settings, signal }: ContainerPricing,
  sql: string,
  more: More = {},
): Promise<void> {
  await columnar.command({ sql, params: { ...params, ...more }, settings }, signal);
}
