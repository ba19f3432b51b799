import { sql } from 'kysely';
import { type ExchangeRate, formatPerUsd, parseDay, parsePerUsd } from '../../core/currency.ts';
import { isoDay } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type Database, inTransaction } from './relational.ts';

/** What US dollars are in other currencies, day by day, as a tenant has it. A day's rate may be corrected. */
export interface ExchangeRates {
  /** Adds rates, or replaces those of the same days. Throws `limit_exceeded` beyond `RATES_PER_PUT_MAX`, or `EXCHANGE_RATES_MAX` of all currencies. */
  put(tenantId: string, currency: string, rates: readonly ExchangeRate[], by: RateStamp): Promise<void>;
  /** Returns whether there was one. Without a day, all of the currency's. */
  remove(tenantId: string, currency: string, day?: number): Promise<boolean>;
  /** The currencies that have rates, by their codes. */
  currencies(tenantId: string): Promise<KnownCurrency[]>;
  /** A currency's rates by their days: all, or those that are needed from `start` to `end`. */
  list(tenantId: string, currency: string, window?: { start: number; end: number }): Promise<ExchangeRate[]>;
}

export interface RateStamp {
  readonly at: number;
  readonly actor: string;
}

export interface KnownCurrency {
  readonly currency: string;
  readonly rates: number;
  readonly firstOn: number;
  readonly lastOn: number;
}

/** Thirty currencies for fifteen years of working days. */
export const EXCHANGE_RATES_MAX = 120_000;
const RATES_PER_PUT_MAX = 10_000;
const ROWS_PER_INSERT = 1_000;
/** Ours among the database's advisory locks: "rates" in ASCII. */
const LOCK_ID = 0x7261746573;
const DAY_TEXT = sql<string>`to_char(effective_on, 'YYYY-MM-DD')`;

export function createExchangeRates(db: Database): ExchangeRates {
  return {
    async put(tenantId, currency, rates, { at, actor }) {
      if (rates.length > RATES_PER_PUT_MAX) {
        throw new AppError('limit_exceeded', `cannot take ${rates.length} rates at once; at most ${RATES_PER_PUT_MAX}`);
      }
      await inTransaction(db, async (transaction) => {
        await sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`.execute(transaction);
        // Of two rates of one day the later counts; one statement may not write a row twice.
        const rows = [...new Map(rates.map((rate) => [rate.effectiveOn, rate])).values()].map((rate) => ({
          tenant_id: tenantId,
          currency,
          effective_on: isoDay(rate.effectiveOn),
          per_usd: formatPerUsd(rate.perUsd),
          created_at: new Date(at),
          created_by: actor,
        }));
        for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
          await transaction
            .insertInto('exchange_rates')
            .values(rows.slice(from, from + ROWS_PER_INSERT))
            .onConflict((conflict) =>
              conflict.columns(['tenant_id', 'currency', 'effective_on']).doUpdateSet((of) => ({
                per_usd: of.ref('excluded.per_usd'),
                created_at: of.ref('excluded.created_at'),
                created_by: of.ref('excluded.created_by'),
              })),
            )
            .execute();
        }
        await refuseBeyondLimit(transaction, tenantId);
      });
    },
    async remove(tenantId, currency, day) {
      const all = db.deleteFrom('exchange_rates').where('tenant_id', '=', tenantId).where('currency', '=', currency);
      const some = day === undefined ? all : all.where(sql<boolean>`effective_on = ${isoDay(day)}::date`);
      const { numDeletedRows } = await some.executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async currencies(tenantId) {
      const rows = await db
        .selectFrom('exchange_rates')
        .select([
          'currency',
          sql<number>`count(*)::integer`.as('rates'),
          sql<string>`to_char(min(effective_on), 'YYYY-MM-DD')`.as('first_on'),
          sql<string>`to_char(max(effective_on), 'YYYY-MM-DD')`.as('last_on'),
        ])
        .where('tenant_id', '=', tenantId)
        .groupBy('currency')
        .orderBy('currency')
        .execute();
      return rows.map((row) => ({
        currency: row.currency,
        rates: row.rates,
        firstOn: dayOf(row.first_on),
        lastOn: dayOf(row.last_on),
      }));
    },
    async list(tenantId, currency, window) {
      const all = db
        .selectFrom('exchange_rates')
        .select([DAY_TEXT.as('day'), 'per_usd'])
        .where('tenant_id', '=', tenantId)
        .where('currency', '=', currency);
      const rows = await (window ? all.where(neededIn(tenantId, currency, window)) : all)
        .orderBy('effective_on')
        .execute();
      return rows.map((row) => ({ effectiveOn: dayOf(row.day), perUsd: parsePerUsd(row.per_usd) }));
    },
  };
}

/** Rates of the window's days, and the one before them that stands until the first. */
function neededIn(tenantId: string, currency: string, { start, end }: { start: number; end: number }) {
  const first = isoDay(start);
  return sql<boolean>`effective_on < ${new Date(end).toISOString()}::timestamptz and effective_on >= coalesce((
    select max(before.effective_on) from exchange_rates as before
    where before.tenant_id = ${tenantId} and before.currency = ${currency} and before.effective_on <= ${first}::date
  ), ${first}::date)`;
}

async function refuseBeyondLimit(db: Database, tenantId: string): Promise<void> {
  const { count } = await db
    .selectFrom('exchange_rates')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count <= BigInt(EXCHANGE_RATES_MAX)) return;
  throw new AppError('limit_exceeded', `the tenant would have ${count} exchange rates; at most ${EXCHANGE_RATES_MAX}`);
}

function dayOf(text: string): number {
  const day = parseDay(text);
  if (day === undefined) throw new Error(`the store gave "${text}" for a day`);
  return day;
}
