import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { BaseBook } from '../../core/price-books.ts';
import { keyedRates, type PriceRates, RATE_KEYS, RATE_MAX, type RateName, ratesOf } from '../../core/price-rates.ts';
import { HOUR_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { formatMoney, type Money, parseMoney } from '../../lib/money.ts';
import { type Database, inTransaction } from './relational.ts';
import type { Schema } from './schema.ts';

/** A price book from an hour on. Never changed: a correction is a newer version of the same scope and hour. */
export interface PriceVersion {
  readonly id: string;
  /** Order of arrival. */
  readonly seq: bigint;
  /** `null` is every tenant: the built-in book. */
  readonly tenantId: string | null;
  /** `null` is every cluster of the tenant. */
  readonly clusterId: string | null;
  /** On a whole hour. */
  readonly effectiveFrom: number;
  readonly currency: 'USD';
  /** The book that rates come from which nobody set. */
  readonly base: BaseBook;
  readonly rates: PriceRates;
  readonly note: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

export type NewPriceVersion = Pick<
  PriceVersion,
  'clusterId' | 'effectiveFrom' | 'base' | 'rates' | 'note' | 'createdAt' | 'createdBy'
>;

export interface PriceVersions {
  /**
   * Throws `invalid_request` when the hour is not whole or a rate is negative or above `RATE_MAX`, `not_found` when the
   * tenant has no such cluster, `limit_exceeded` when it has `PRICE_VERSIONS_PER_TENANT_MAX` versions.
   */
  add(tenantId: string, version: NewPriceVersion): Promise<PriceVersion>;
  /** The tenant's own versions and those of every tenant, in the order of arrival. */
  list(tenantId: string): Promise<PriceVersion[]>;
  get(tenantId: string, id: string): Promise<PriceVersion | undefined>;
  /**
   * What each hour is priced with, in the order asked. The narrowest scope wins (cluster, tenant, everybody); within it
   * the latest `effectiveFrom` that is not after the hour; within that the later arrival. There always is one: the
   * built-in book has no beginning. At most `HOURS_MAX` hours.
   */
  effectiveAt(tenantId: string, clusterId: string, hours: readonly number[]): Promise<PriceVersion[]>;
  /** Versions of any tenant that arrived after `seq`, at most `limit`: what hours must be computed anew. */
  arrivedAfter(seq: bigint, limit: number): Promise<PriceVersion[]>;
}

export const DEFAULT_PRICE_VERSION_ID = '00000000-0000-4000-8000-000000000001';
export const PRICE_VERSIONS_PER_TENANT_MAX = 10_000;
/** More than a ledger of 25 months has. */
export const HOURS_MAX = 20_000;
/** Ours among the database's advisory locks: "price" in ASCII. */
const LOCK_ID = 0x7072696365;

const COLUMNS = [
  'id',
  'seq',
  'tenant_id',
  'cluster_id',
  'effective_from',
  'currency',
  'base',
  'cpu_core_hour',
  'ram_gib_hour',
  'gpu_hour',
  'spot_cpu_core_hour',
  'spot_ram_gib_hour',
  'spot_gpu_hour',
  'storage_gib_hour',
  'balancer_hour',
  'network_zone_gib',
  'network_region_gib',
  'network_internet_gib',
  'management_hour',
  'note',
  'created_at',
  'created_by',
] as const;

export function createPriceVersions(db: Database): PriceVersions {
  return {
    async add(tenantId, version) {
      const row = toRow(tenantId, version);
      return inTransaction(db, async (transaction) => {
        // One at a time, so that numbers appear in their order: a reader of `arrivedAfter` never skips one.
        await sql`select pg_advisory_xact_lock(${LOCK_ID}::bigint)`.execute(transaction);
        await refuseBeyondLimit(transaction, tenantId);
        const stored = await transaction
          .insertInto('price_versions')
          .values(row)
          .returning(COLUMNS)
          .executeTakeFirstOrThrow();
        return toPriceVersion(stored);
      });
    },
    async list(tenantId) {
      const rows = await ofTenant(db, tenantId).orderBy('seq').execute();
      return rows.map(toPriceVersion);
    },
    async get(tenantId, id) {
      const row = await ofTenant(db, tenantId).where('id', '=', id).executeTakeFirst();
      return row && toPriceVersion(row);
    },
    async effectiveAt(tenantId, clusterId, hours) {
      if (hours.length > HOURS_MAX) {
        throw new AppError('limit_exceeded', `cannot price ${hours.length} hours at once; at most ${HOURS_MAX}`);
      }
      if (hours.length === 0) return [];
      const { rows } = await effectiveAtQuery(tenantId, clusterId, hours).execute(db);
      return rows.map(toPriceVersion);
    },
    async arrivedAfter(seq, limit) {
      const rows = await db
        .selectFrom('price_versions')
        .select(COLUMNS)
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(toPriceVersion);
    },
  };
}

function effectiveAtQuery(tenantId: string, clusterId: string, hours: readonly number[]): RawBuilder<PriceRow> {
  const asked = hours.map((hour) => new Date(hour).toISOString());
  return sql<PriceRow>`
    select best.*
    from unnest(${asked}::text[]) with ordinality as asked (hour, place)
    cross join lateral (
      select ${sql.join(COLUMNS.map((column) => sql.ref(column)))}
      from price_versions
      where (tenant_id = ${tenantId} or tenant_id is null)
        and (cluster_id = ${clusterId} or cluster_id is null)
        and effective_from <= asked.hour::timestamptz
      order by cluster_id is not null desc, tenant_id is not null desc, effective_from desc, seq desc
      limit 1
    ) as best
    order by asked.place`;
}

function ofTenant(db: Database, tenantId: string) {
  return db
    .selectFrom('price_versions')
    .select(COLUMNS)
    .where((eb) => eb.or([eb('tenant_id', '=', tenantId), eb('tenant_id', 'is', null)]));
}

async function refuseBeyondLimit(db: Database, tenantId: string): Promise<void> {
  const { count } = await db
    .selectFrom('price_versions')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count >= BigInt(PRICE_VERSIONS_PER_TENANT_MAX)) {
    throw new AppError(
      'limit_exceeded',
      `the tenant has ${count} price versions; at most ${PRICE_VERSIONS_PER_TENANT_MAX}`,
    );
  }
}

function toRow(tenantId: string, version: NewPriceVersion) {
  if (!Number.isSafeInteger(version.effectiveFrom) || version.effectiveFrom % HOUR_MS !== 0) {
    throw new AppError('invalid_request', 'a price takes effect on a whole hour (UTC)');
  }
  const { rates } = version;
  return {
    id: crypto.randomUUID(),
    tenant_id: tenantId,
    cluster_id: version.clusterId,
    effective_from: new Date(version.effectiveFrom),
    currency: 'USD' as const,
    base: version.base,
    ...keyedRates((name) => rateText(name, rates[name])),
    note: version.note,
    created_at: new Date(version.createdAt),
    created_by: version.createdBy,
  };
}

function rateText(name: RateName, rate: Money): string {
  if (rate < 0n || rate > RATE_MAX) {
    throw new AppError(
      'invalid_request',
      `${name} is ${formatMoney(rate)}; it must be from 0 to ${formatMoney(RATE_MAX)}`,
    );
  }
  return formatMoney(rate);
}

type PriceRow = Selectable<Schema['price_versions']>;

function toPriceVersion(row: PriceRow): PriceVersion {
  return {
    id: row.id,
    seq: row.seq,
    tenantId: row.tenant_id,
    clusterId: row.cluster_id,
    effectiveFrom: row.effective_from.getTime(),
    currency: row.currency,
    base: row.base,
    rates: ratesOf((name) => parseMoney(row[RATE_KEYS[name]])),
    note: row.note,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
  };
}
