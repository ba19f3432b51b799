import { sql, type Transaction } from 'kysely';
import type { Database } from './relational.ts';
import type { Schema } from './schema.ts';

/**
 * A lease lets one of many replicas run a job. It is a row, not a lock: it survives a dropped connection and works on PGlite.
 *
 * Guarantee: two holders never *write* under the same `fence`, and a later holder's fence is greater. It is not mutual
 * exclusion: a paused holder may still be running when its lease has lapsed, so every write of a job carries the fence
 * and the store refuses an older one (see `holdsFence`). Time is the database's own, the only clock that replicas
 * share. The row stays after a release, so that the fence never starts again.
 */
export interface Leases {
  /** `undefined` while another holds it, and while we do: a holder that forgot its lease gets a new fence after it lapsed. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** Holds on for `ttlMs` from now. `false` when another has taken over since: stop working. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Lets the next one in at once. Does nothing when another has taken over. */
  release(lease: Lease): Promise<void>;
}

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with every holder. */
  readonly fence: bigint;
}

export function createLeases(db: Database): Leases {
  const mine = ({ name, holder, fence }: Lease) =>
    db.updateTable('leases').where('name', '=', name).where('holder', '=', holder).where('fence', '=', fence);

  return {
    async acquire(name, holder, ttlMs) {
      // One statement, so that of many the row's lock picks one; the others then see it taken.
      const row = await db
        .insertInto('leases')
        .values({ name, holder, fence: 1n, expires_at: fromNow(ttlMs) })
        .onConflict((on) =>
          on
            .column('name')
            .doUpdateSet({ holder, fence: sql<bigint>`leases.fence + 1`, expires_at: fromNow(ttlMs) })
            .where('leases.expires_at', '<=', sql<Date>`clock_timestamp()`),
        )
        .returning('fence')
        .executeTakeFirst();
      return row && { name, holder, fence: row.fence };
    },
    async renew(lease, ttlMs) {
      const { numUpdatedRows } = await mine(lease)
        .set({ expires_at: fromNow(ttlMs) })
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async release(lease) {
      await mine(lease).set({ expires_at: sql<Date>`'-infinity'` }).execute();
    },
  };
}

/**
 * Whether `lease` is still the newest of its name. If so nobody can acquire it until the transaction ends, and what the
 * transaction writes is the holder's own.
 */
export async function holdsFence(transaction: Transaction<Schema>, lease: Lease): Promise<boolean> {
  const row = await transaction
    .selectFrom('leases')
    .select('fence')
    .where('name', '=', lease.name)
    .forShare()
    .executeTakeFirst();
  return row?.fence === lease.fence;
}

function fromNow(ttlMs: number) {
  return sql<Date>`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`;
}
