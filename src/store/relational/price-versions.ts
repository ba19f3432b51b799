import { expressionBuilder, type RawBuilder, sql } from 'kysely';
import type { BaseBook } from '../../core/price-books.ts';
import { checkPrice } from '../../core/price-checks.ts';
import type { PriceRates } from '../../core/price-rates.ts';
import type { PriceRule } from '../../core/price-rules.ts';
import { AppError } from '../../lib/errors.ts';
import type { Money } from '../../lib/money.ts';
import { COLUMNS, HEAD_COLUMNS, toHead, toPriceVersion, toRow } from './price-version-rows.ts';
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
  /** Rates of storage classes per GiB and hour, before that of the version. */
  readonly storageClasses: Readonly<Record<string, Money>>;
  readonly rules: readonly PriceRule[];
  readonly note: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

/** A version without what may be long. */
export interface PriceVersionHead extends Omit<PriceVersion, 'storageClasses' | 'rules'> {
  readonly storageClassCount: number;
  readonly ruleCount: number;
}

export type NewPriceVersion = Omit<PriceVersion, 'id' | 'seq' | 'tenantId' | 'currency'>;

export interface PriceVersions {
  /**
   * Throws what `checkPrice` throws, `not_found` when the
   * tenant has no such cluster, `limit_exceeded` when it has `PRICE_VERSIONS_PER_TENANT_MAX` versions.
   */
  add(tenantId: string, version: NewPriceVersion): Promise<PriceVersion>;
  /** The tenant's own versions and those of every tenant, in the order of arrival. */
  list(tenantId: string): Promise<PriceVersionHead[]>;
  get(tenantId: string, id: string): Promise<PriceVersion | undefined>;
  /**
   * What each hour is priced with, in the order asked. The narrowest scope wins (cluster, tenant, everybody); within it
   * the latest `effectiveFrom` that is not after the hour; within that the later arrival. There always is one: the
   * built-in book has no beginning. At most `HOURS_MAX` hours.
   */
  effectiveAt(tenantId: string, clusterId: string, hours: readonly number[]): Promise<PriceVersion[]>;
  /** Versions of any tenant that arrived after `seq`, at most `limit`: what hours must be computed anew. */
  arrivedAfter(seq: bigint, limit: number): Promise<PriceVersionHead[]>;
}

export const DEFAULT_PRICE_VERSION_ID = '00000000-0000-4000-8000-000000000001';
export const PRICE_VERSIONS_PER_TENANT_MAX = 10_000;
/** More than a ledger of 25 months has. */
export const HOURS_MAX = 20_000;
/** Ours among the database's advisory locks: "price" in ASCII. */
const LOCK_ID = 0x7072696365;

export function createPriceVersions(db: Database): PriceVersions {
  return {
    async add(tenantId, version) {
      checkPrice(version);
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
      const rows = await selectHeads(db).where(ofTenant(tenantId)).orderBy('seq').execute();
      return rows.map(toHead);
    },
    async get(tenantId, id) {
      const select = db.selectFrom('price_versions').select(COLUMNS);
      const row = await select.where(ofTenant(tenantId)).where('id', '=', id).executeTakeFirst();
      return row && toPriceVersion(row);
    },
    async effectiveAt(tenantId, clusterId, hours) {
      if (hours.length > HOURS_MAX) {
        throw new AppError('limit_exceeded', `cannot price ${hours.length} hours at once; at most ${HOURS_MAX}`);
      }
      if (hours.length === 0) return [];
      const { rows } = await effectiveAtQuery(tenantId, clusterId, hours).execute(db);
      // Many hours have one version, and a version may be long: each is read once.
      const ids = [...new Set(rows.map(({ id }) => id))];
      const stored = await db.selectFrom('price_versions').select(COLUMNS).where('id', 'in', ids).execute();
      const versions = new Map(stored.map((row) => [row.id, toPriceVersion(row)]));
      return rows.flatMap(({ id }) => versions.get(id) ?? []);
    },
    async arrivedAfter(seq, limit) {
      const rows = await selectHeads(db).where('seq', '>', seq).orderBy('seq').limit(limit).execute();
      return rows.map(toHead);
    },
  };
}

function effectiveAtQuery(tenantId: string, clusterId: string, hours: readonly number[]): RawBuilder<{ id: string }> {
  const asked = hours.map((hour) => new Date(hour).toISOString());
  return sql<{ id: string }>`
    select best.id
    from unnest(${asked}::text[]) with ordinality as asked (hour, place)
    cross join lateral (
      select id
      from price_versions
      where (tenant_id = ${tenantId} or tenant_id is null)
        and (cluster_id = ${clusterId} or cluster_id is null)
        and effective_from <= asked.hour::timestamptz
      order by cluster_id is not null desc, tenant_id is not null desc, effective_from desc, seq desc
      limit 1
    ) as best
    order by asked.place`;
}

function selectHeads(db: Database) {
  return db
    .selectFrom('price_versions')
    .select(HEAD_COLUMNS)
    .select([
      sql<number>`jsonb_array_length(rules)`.as('rule_count'),
      sql<number>`(select count(*)::integer from jsonb_object_keys(storage_classes))`.as('storage_class_count'),
    ]);
}

/** The tenant's own versions and those of everybody. */
function ofTenant(tenantId: string) {
  const column = expressionBuilder<Schema, 'price_versions'>();
  return column.or([column('tenant_id', '=', tenantId), column('tenant_id', 'is', null)]);
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
