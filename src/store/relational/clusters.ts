import { type Selectable, sql, type Transaction } from 'kysely';
import { AppError } from '../../lib/errors.ts';
import { checkedName } from './names.ts';
import { type Database, inTransaction } from './relational.ts';
import type { Schema } from './schema.ts';

/** One Kubernetes cluster of a tenant, by the name its source gave. */
export interface Cluster {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
}

export interface Clusters {
  /**
   * The tenant's cluster of this name, made when new; many callers at once get the same one. Throws `limit_exceeded` for
   * a new name when the tenant has its `clustersPerTenantMax`, `not_found` for an unknown tenant, and `invalid_request`
   * for a name that cannot be one. A pair of tenant and name never changes its id.
   */
  resolve(tenantId: string, name: string, at: number): Promise<Cluster>;
  get(tenantId: string, id: string): Promise<Cluster | undefined>;
  getByName(tenantId: string, name: string): Promise<Cluster | undefined>;
  /** All of the tenant's clusters, by name: `clustersPerTenantMax` bounds them. */
  list(tenantId: string): Promise<Cluster[]>;
  /** Notes that the cluster reported; an older instant changes nothing. */
  touch(tenantId: string, id: string, at: number): Promise<void>;
}

export const CLUSTERS_PER_TENANT_MAX = 1_000;

const COLUMNS = ['id', 'tenant_id', 'name', 'created_at', 'last_seen_at'] as const;

export function createClusters(db: Database, clustersPerTenantMax = CLUSTERS_PER_TENANT_MAX): Clusters {
  const find = (from: Database, tenantId: string, name: string) =>
    from
      .selectFrom('clusters')
      .select(COLUMNS)
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name)
      .executeTakeFirst();

  return {
    async resolve(tenantId, givenName, at) {
      const name = checkedName('cluster', givenName);
      const known = await find(db, tenantId, name);
      if (known) return toCluster(known);
      return inTransaction(db, async (transaction) => {
        await lockTenant(transaction, tenantId);
        const meanwhile = await find(transaction, tenantId, name);
        if (meanwhile) return toCluster(meanwhile);
        await refuseBeyond(clustersPerTenantMax, transaction, { tenantId, name });
        const row = {
          id: crypto.randomUUID(),
          tenant_id: tenantId,
          name,
          created_at: new Date(at),
          last_seen_at: null,
        };
        await transaction.insertInto('clusters').values(row).execute();
        return toCluster(row);
      });
    },
    async get(tenantId, id) {
      const row = await db
        .selectFrom('clusters')
        .select(COLUMNS)
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toCluster(row);
    },
    async getByName(tenantId, name) {
      const row = await find(db, tenantId, name);
      return row && toCluster(row);
    },
    async list(tenantId) {
      const rows = await db
        .selectFrom('clusters')
        .select(COLUMNS)
        .where('tenant_id', '=', tenantId)
        .orderBy('name')
        .execute();
      return rows.map(toCluster);
    },
    async touch(tenantId, id, at) {
      const seen = new Date(at);
      await db
        .updateTable('clusters')
        .set({ last_seen_at: seen })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .where((eb) => eb.or([eb('last_seen_at', 'is', null), eb('last_seen_at', '<', seen)]))
        .execute();
    },
  };
}

/** Newcomers of one tenant go one by one, so that the count below is true and a name is made once. */
async function lockTenant(transaction: Transaction<Schema>, tenantId: string): Promise<void> {
  const tenant = await sql`select 1 from tenants where id = ${tenantId} for no key update`.execute(transaction);
  if (tenant.rows.length === 0) throw new AppError('not_found', `there is no tenant ${tenantId}`);
}

async function refuseBeyond(most: number, db: Database, cluster: { tenantId: string; name: string }): Promise<void> {
  const { count } = await db
    .selectFrom('clusters')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('tenant_id', '=', cluster.tenantId)
    .executeTakeFirstOrThrow();
  if (count >= BigInt(most)) {
    throw new AppError(
      'limit_exceeded',
      `cannot add cluster "${cluster.name}": the tenant has ${count}, at most ${most}`,
      {
        details: { clusters: Number(count), limit: most },
      },
    );
  }
}

type ClusterRow = Selectable<Schema['clusters']>;

function toCluster(row: ClusterRow): Cluster {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    createdAt: row.created_at.getTime(),
    lastSeenAt: row.last_seen_at?.getTime() ?? null,
  };
}
