import { z } from 'zod';
import { convertedSum, currencyParams } from '../../src/queries/currency.ts';
import { createExchangeRates } from '../../src/store/relational/exchange-rates.ts';
import type { LedgerLab } from './ledger-lab.ts';

/** What all containers and what is left of their nodes cost in another currency, as decimal text. */
export async function ledgerTotalIn(
  { columnar, relational }: LedgerLab,
  { currency, ...scope }: { currency: string; tenant: string; start: number; end: number },
): Promise<string> {
  const rates = await currencyParams(createExchangeRates(relational.db), { currency, ...scope });
  const sql = `SELECT toString(${convertedSum('cpu_cost + ram_cost + gpu_cost')}) AS cost
    FROM container_hours FINAL WHERE toString(tenant) = {tenant:String} AND NOT withdrawn`;
  const [row] = await columnar.rows({
    sql,
    params: { tenant: scope.tenant, ...rates },
    row: z.object({ cost: z.string() }),
  });
  return row?.cost ?? '0';
}
