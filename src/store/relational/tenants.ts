import type { Selectable } from 'kysely';
import { AppError } from '../../lib/errors.ts';
import { checkedName } from './names.ts';
import type { Database } from './relational.ts';
import type { Schema } from './schema.ts';

/** An organisation: it owns keys, clusters and prices, and sees nothing of another's. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface Tenants {
  /** Throws `conflict` when the name is taken. */
  create(name: string, at: number): Promise<Tenant>;
  get(id: string): Promise<Tenant | undefined>;
  getByName(name: string): Promise<Tenant | undefined>;
  /** In the order of their names, at most `limit`, after the name `after`. */
  list(page: { limit: number; after?: string }): Promise<Tenant[]>;
}

const COLUMNS = ['id', 'name', 'created_at'] as const;

export function createTenants(db: Database): Tenants {
  return {
    async create(name, at) {
      const tenant = { id: crypto.randomUUID(), name: checkedName('tenant', name), createdAt: at };
      const row = { id: tenant.id, name: tenant.name, created_at: new Date(at) };
      const { numInsertedOrUpdatedRows: inserted } = await db
        .insertInto('tenants')
        .values(row)
        .onConflict((on) => on.column('name').doNothing())
        .executeTakeFirstOrThrow();
      if (inserted !== 1n) throw new AppError('conflict', `cannot create tenant "${tenant.name}": the name is taken`);
      return tenant;
    },
    async get(id) {
      const row = await db.selectFrom('tenants').select(COLUMNS).where('id', '=', id).executeTakeFirst();
      return row && toTenant(row);
    },
    async getByName(name) {
      const row = await db.selectFrom('tenants').select(COLUMNS).where('name', '=', name).executeTakeFirst();
      return row && toTenant(row);
    },
    async list({ limit, after = '' }) {
      const rows = await db
        .selectFrom('tenants')
        .select(COLUMNS)
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(toTenant);
    },
  };
}

function toTenant(row: Selectable<Schema['tenants']>): Tenant {
  return { id: row.id, name: row.name, createdAt: row.created_at.getTime() };
}
