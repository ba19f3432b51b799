import { z } from 'zod';
import { costOver } from '../core/pricing.ts';
import { type Money, parseMoney } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { PriceVersion } from '../store/relational/price-versions.ts';
import { MANAGEMENT_TOLD } from './statements.ts';
import type { Told } from './told.ts';

/** US dollars. */
const Row = z.object({ hourly: z.string() });

interface ManagementAsk {
  readonly key: Readonly<Record<string, unknown>>;
  readonly told: readonly Told[];
  readonly price: PriceVersion;
  readonly coveredMs: number;
}

/** What managing the cluster costs over the covered time: as its points tell, or else at the book's rate. */
export async function managementParams(
  columnar: Columnar,
  { key, told, price, coveredMs }: ManagementAsk,
  signal?: AbortSignal,
) {
  const hourly = told.some(({ shape }) => shape === 'points') ? await hourlyTold(columnar, key, signal) : undefined;
  return {
    management_pico: costOver(hourly ?? price.rates.managementHour, coveredMs).toString(),
    management_basis: hourly === undefined ? 'book' : 'reported',
  };
}

async function hourlyTold(
  columnar: Columnar,
  key: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Money | undefined> {
  const [row] = await columnar.rows({ sql: MANAGEMENT_TOLD, params: key, row: Row }, signal);
  return row && parseMoney(row.hourly);
}
