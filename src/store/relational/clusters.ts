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
  /** What its own operator calls it; `null` where no source has said. No two clusters of a tenant share one. */
  readonly externalId: string | null;
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
  /**
   * The tenant's cluster of this external id, made when new. A cluster of that name that has no external id yet is taken to
   * be it; where the name is another's, the new cluster is called `name (start of the id)`. Throws as `resolve`.
   */
  resolveExternal(tenantId: string, cluster: ExternalCluster, at: number): Promise<Cluster>;
  /** Gives a cluster its external id where it has none and no other has it; what the cluster then is. */
  bindExternal(tenantId: string, id: string, externalId: string): Promise<Cluster | undefined>;
  get(tenantId: string, id: string): Promise<Cluster | undefined>;
  getByName(tenantId: string, name: string): Promise<Cluster | undefined>;
  /** All of the tenant's clusters, by name: `clustersPerTenantMax` bounds them. */
  list(tenantId: string): Promise<Cluster[]>;
  /** Notes that the cluster reported; an older instant changes nothing. */
  touch(tenantId: string, id: string, at: number): Promise<void>;
}

export interface ExternalCluster {
  readonly externalId: string;
  /** For people: it may be wrong, change, or be another's. */
  readonly name: string;
}

export const CLUSTERS_PER_TENANT_MAX = 1_000;

const COLUMNS = ['id', 'tenant_id', 'name', 'external_id', 'created_at', 'last_seen_at'] as const;

export function createClusters(db: Database, clustersPerTenantMax = CLUSTERS_PER_TENANT_MAX): Clusters {
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
        return insertCluster(transaction, { tenantId, name, externalId: null, at });
      });
    },
    async resolveExternal(tenantId, given, at) {
      const [name, externalId] = [checkedName('cluster', given.name), checkedName('cluster', given.externalId)];
      const known = await findExternal(db, tenantId, externalId);
      if (known) return toCluster(known);
      return inTransaction(db, async (transaction) => {
        await lockTenant(transaction, tenantId);
        const meanwhile = await findExternal(transaction, tenantId, externalId);
        if (meanwhile) return toCluster(meanwhile);
        const namesake = await find(transaction, tenantId, name);
        if (namesake?.external_id === null) {
          await setExternal(transaction, namesake.id, externalId);
          return toCluster({ ...namesake, external_id: externalId });
        }
        await refuseBeyond(clustersPerTenantMax, transaction, { tenantId, name });
        const free = namesake ? await freeName(transaction, tenantId, { name, externalId }) : name;
        return insertCluster(transaction, { tenantId, name: free, externalId, at });
      });
    },
    async bindExternal(tenantId, id, givenId) {
      const externalId = checkedName('cluster', givenId);
      return inTransaction(db, async (transaction) => {
        await lockTenant(transaction, tenantId);
        const taken = await findExternal(transaction, tenantId, externalId);
        const row = await findById(transaction, tenantId, id);
        if (!row || taken || row.external_id !== null) return row && toCluster(row);
        await setExternal(transaction, id, externalId);
        return toCluster({ ...row, external_id: externalId });
      });
    },
    async get(tenantId, id) {
      const row = await findById(db, tenantId, id);
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

function rowsOf(from: Database, tenantId: string) {
  return from.selectFrom('clusters').select(COLUMNS).where('tenant_id', '=', tenantId);
}

function find(from: Database, tenantId: string, name: string) {
  return rowsOf(from, tenantId).where('name', '=', name).executeTakeFirst();
}

function findById(from: Database, tenantId: string, id: string) {
  return rowsOf(from, tenantId).where('id', '=', id).executeTakeFirst();
}

function findExternal(from: Database, tenantId: string, externalId: string) {
  return rowsOf(from, tenantId).where('external_id', '=', externalId).executeTakeFirst();
}

async function setExternal(db: Database, id: string, externalId: string): Promise<void> {
  await db.updateTable('clusters').set({ external_id: externalId }).where('id', '=', id).execute();
}

interface NewCluster {
  readonly tenantId: string;
  readonly name: string;
  readonly externalId: string | null;
  readonly at: number;
}

async function insertCluster(db: Database, { tenantId, name, externalId, at }: NewCluster): Promise<Cluster> {
  const row = {
    id: crypto.randomUUID(),
    tenant_id: tenantId,
    name,
    external_id: externalId,
    created_at: new Date(at),
    last_seen_at: null,
  };
  await db.insertInto('clusters').values(row).execute();
  return toCluster(row);
}

const NAME_CHARS_MAX = 253;
/** How much of an external id tells namesakes apart; all of it, where that is taken as well. */
const SUFFIX_CHARS = 8;

async function freeName(db: Database, tenantId: string, { name, externalId }: ExternalCluster): Promise<string> {
  for (const suffix of [externalId.slice(0, SUFFIX_CHARS), externalId, crypto.randomUUID()]) {
    const tail = ` (${suffix})`.slice(0, NAME_CHARS_MAX - 1);
    const candidate = `${name.slice(0, NAME_CHARS_MAX - tail.length)}${tail}`;
    if (!(await find(db, tenantId, candidate))) return candidate;
  }
  throw new AppError('conflict', `cannot find a free name for cluster "${name}"`);
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
    externalId: row.external_id,
    createdAt: row.created_at.getTime(),
    lastSeenAt: row.last_seen_at?.getTime() ?? null,
  };
}
