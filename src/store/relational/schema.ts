import type { ColumnType, Generated } from 'kysely';
import type { BaseBook } from '../../core/price-books.ts';
import type { RateKey } from '../../core/price-rates.ts';
import type { PriceRuleJson } from '../../core/price-rules.ts';

/**
 * The tables as Kysely sees them; `src/store/sql/relational/` is where they are made. Both engines return timestamps as
 * `Date`, `bigint` columns as `bigint`, and `numeric` columns as exact decimal text.
 */
export interface Schema {
  tenants: { id: string; name: string; created_at: Instant };
  clusters: ClustersTable;
  api_keys: ApiKeysTable;
  price_versions: PriceVersionsTable;
  exchange_rates: ExchangeRatesTable;
  leases: { name: string; holder: string; fence: bigint; expires_at: Instant };
  job_state: { name: string; value: Json; updated_at: Instant };
  audit_events: AuditEventsTable;
  upload_files: UploadFilesTable;
  upload_parts: UploadPartsTable;
  source_log: SourceLogTable;
  schema_migrations: { version: number; name: string; applied_at: Generated<Date> };
}

type Instant = ColumnType<Date, Date, Date>;

/** Written as JSON text, read as the parsed value. */
type Json = ColumnType<unknown, string, string>;

interface ClustersTable {
  id: string;
  tenant_id: string;
  name: string;
  external_id: string | null;
  created_at: Instant;
  last_seen_at: Instant | null;
}

interface UploadFilesTable {
  tenant_id: string;
  cluster_id: string;
  manifest_uuid: string;
  name: string;
  kind: string | null;
  status: 'taken' | 'skipped' | 'refused' | 'missing';
  rows_taken: bigint;
  rows_refused: bigint;
  reason: string | null;
  refused: ColumnType<readonly { line: number; column: string; message: string }[], string, string>;
  digest: Uint8Array | null;
  received_at: Instant;
}

interface UploadPartsTable {
  tenant_id: string;
  cluster_id: string;
  manifest_uuid: string;
  digest: Uint8Array;
  files: string[];
  part: Uint8Array;
  received_at: Instant;
}

interface ApiKeysTable {
  key_id: string;
  tenant_id: string;
  cluster_id: string | null;
  name: string;
  scopes: string[];
  salt: Uint8Array;
  secret_hash: Uint8Array;
  created_at: Instant;
  expires_at: Instant | null;
  revoked_at: Instant | null;
  rotated_from: string | null;
  last_used_at: Instant | null;
}

interface PriceVersionsTable extends Record<RateKey, string> {
  id: string;
  seq: ColumnType<bigint, never, never>;
  tenant_id: string | null;
  cluster_id: string | null;
  effective_from: Instant;
  currency: 'USD';
  base: BaseBook;
  storage_classes: ColumnType<Readonly<Record<string, string>>, string, never>;
  rules: ColumnType<readonly PriceRuleJson[], string, never>;
  note: string;
  created_at: Instant;
  created_by: string;
}

interface ExchangeRatesTable {
  tenant_id: string;
  currency: string;
  /** Written as 2026-01-31; read it as text too (`to_char`): drivers make local midnights of dates. */
  effective_on: ColumnType<never, string, never>;
  per_usd: string;
  created_at: Instant;
  created_by: string;
}

interface AuditEventsTable {
  id: ColumnType<bigint, never, never>;
  at: Instant;
  tenant_id: string;
  actor: string;
  action: AuditAction;
  target: string;
  details: ColumnType<Readonly<Record<string, unknown>>, string, never>;
}

/** What is written down of administration. */
export type AuditAction =
  | 'tenant.create'
  | 'api_key.create'
  | 'api_key.revoke'
  | 'api_key.rotate'
  | 'price_version.add'
  | 'exchange_rates.put'
  | 'exchange_rates.remove';

interface SourceLogTable {
  tenant_id: string;
  cluster_id: string;
  source: string;
  first_at: Instant;
  last_at: Instant;
  newest_at: Instant | null;
  rows_taken: bigint;
  rows_refused: bigint;
  reasons: ColumnType<Readonly<Record<string, { count: number; last_at: number }>>, string, string>;
}
