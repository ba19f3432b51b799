import type { Insertable, Selectable } from 'kysely';
import { sql } from 'kysely';
import { DAY_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import { type Database, inTransaction } from './relational.ts';
import type { Schema } from './schema.ts';

/** One upload, whole or in several archives. All three are UUIDs. */
export interface UploadKey {
  readonly tenantId: string;
  readonly clusterId: string;
  readonly manifestUuid: string;
}

export interface UploadedFile {
  readonly name: string;
  readonly kind: string | null;
  readonly status: 'taken' | 'skipped' | 'refused' | 'missing';
  readonly rowsTaken: number;
  readonly rowsRefused: number;
  readonly reason: string | null;
  readonly refused: readonly { readonly line: number; readonly column: string; readonly message: string }[];
  /** SHA-256; `null` while it is missing. */
  readonly digest: Uint8Array | null;
}

export interface StoredFile extends UploadedFile {
  readonly clusterId: string;
  readonly receivedAt: number;
}

/** What one archive of several says that must be merged with what its siblings say. */
export interface UploadPart {
  /** SHA-256 of the archive: the same one twice is one part. */
  readonly digest: Uint8Array;
  readonly files: readonly string[];
  readonly bytes: Uint8Array;
}

export interface Uploads {
  /** Notes what became of files. A file that came is never called missing again, nor one that was taken skipped. */
  record(key: UploadKey, files: readonly UploadedFile[], at: number): Promise<void>;
  /** All that is known of a manifest, over its archives and in the order of names. At most `FILES_READ_MAX`. */
  files(tenantId: string, manifestUuid: string): Promise<StoredFile[]>;
  /**
   * Keeps a part, and returns all of them, this one included. Of two archives that come at once at least one is given both.
   * Throws `limit_exceeded` for a part of more than `PART_BYTES_MAX`.
   */
  addPart(key: UploadKey, part: UploadPart, at: number): Promise<UploadPart[]>;
  parts(key: UploadKey): Promise<UploadPart[]>;
  /** Forgets the parts of an upload that is whole. */
  dropParts(key: UploadKey): Promise<void>;
}

export const PART_BYTES_MAX = 16 * 2 ** 20;
/** Archives of one manifest that are held at once. */
export const PARTS_MAX = 100;
export const FILES_READ_MAX = 2_000;
/** Outcomes are kept for so long, and parts of what never became whole. */
const KEPT_MS = 60 * DAY_MS;

export function createUploads(db: Database): Uploads {
  return {
    async record(key, files, at) {
      await inTransaction(db, async (transaction) => {
        await forgetOld(transaction, key.tenantId, at);
        for (const file of files) await upsertFile(transaction, fileRow(key, file, at));
      });
    },
    async files(tenantId, manifestUuid) {
      const rows = await db
        .selectFrom('upload_files')
        .select(FILE_COLUMNS)
        .where('tenant_id', '=', tenantId)
        .where('manifest_uuid', '=', manifestUuid)
        .orderBy('cluster_id')
        .orderBy('name')
        .limit(FILES_READ_MAX)
        .execute();
      return rows.map(toFile);
    },
    async addPart(key, part, at) {
      if (part.bytes.length > PART_BYTES_MAX) {
        throw new AppError(
          'limit_exceeded',
          `cannot keep a part of ${part.bytes.length} bytes; at most ${PART_BYTES_MAX}`,
        );
      }
      const { digest, files, bytes } = part;
      const row = { ...idOf(key), digest, files: [...files], part: bytes, received_at: new Date(at) };
      await db
        .insertInto('upload_parts')
        .values(row)
        .onConflict((on) => on.doNothing())
        .execute();
      return await partsOf(db, key);
    },
    parts: (key) => partsOf(db, key),
    async dropParts(key) {
      const { tenant_id, cluster_id, manifest_uuid } = idOf(key);
      await db
        .deleteFrom('upload_parts')
        .where('tenant_id', '=', tenant_id)
        .where('cluster_id', '=', cluster_id)
        .where('manifest_uuid', '=', manifest_uuid)
        .execute();
    },
  };
}

const FILE_COLUMNS = [
  'cluster_id',
  'name',
  'kind',
  'status',
  'rows_taken',
  'rows_refused',
  'reason',
  'refused',
  'digest',
  'received_at',
] as const;

function idOf({ tenantId, clusterId, manifestUuid }: UploadKey) {
  return { tenant_id: tenantId, cluster_id: clusterId, manifest_uuid: manifestUuid };
}

async function forgetOld(db: Database, tenantId: string, at: number): Promise<void> {
  const before = new Date(at - KEPT_MS);
  await db.deleteFrom('upload_files').where('tenant_id', '=', tenantId).where('received_at', '<', before).execute();
  await db.deleteFrom('upload_parts').where('tenant_id', '=', tenantId).where('received_at', '<', before).execute();
}

function fileRow(key: UploadKey, file: UploadedFile, at: number): Insertable<Schema['upload_files']> {
  const { name, kind, status, reason, digest } = file;
  return {
    ...idOf(key),
    name,
    kind,
    status,
    reason,
    digest,
    rows_taken: BigInt(file.rowsTaken),
    rows_refused: BigInt(file.rowsRefused),
    refused: JSON.stringify(file.refused),
    received_at: new Date(at),
  };
}

/** The order of what is worth knowing: a later report of the same rank takes the place of the earlier one. */
const RANK = sql<number>`array_position(array['missing', 'skipped', 'refused', 'taken'], excluded.status)`;
const RANK_KNOWN = sql<number>`array_position(array['missing', 'skipped', 'refused', 'taken'], upload_files.status)`;

async function upsertFile(db: Database, row: Insertable<Schema['upload_files']>): Promise<void> {
  const { tenant_id: _tenant, cluster_id: _cluster, manifest_uuid: _uuid, name: _name, ...facts } = row;
  await db
    .insertInto('upload_files')
    .values(row)
    .onConflict((on) =>
      on.columns(['tenant_id', 'manifest_uuid', 'cluster_id', 'name']).doUpdateSet(facts).where(RANK, '>=', RANK_KNOWN),
    )
    .execute();
}

function toFile(row: Pick<Selectable<Schema['upload_files']>, (typeof FILE_COLUMNS)[number]>): StoredFile {
  const { name, kind, status, reason, refused, digest } = row;
  return {
    clusterId: row.cluster_id,
    name,
    kind,
    status,
    reason,
    refused,
    digest,
    rowsTaken: Number(row.rows_taken),
    rowsRefused: Number(row.rows_refused),
    receivedAt: row.received_at.getTime(),
  };
}

async function partsOf(db: Database, key: UploadKey): Promise<UploadPart[]> {
  const { tenant_id, cluster_id, manifest_uuid } = idOf(key);
  const rows = await db
    .selectFrom('upload_parts')
    .select(['digest', 'files', 'part'])
    .where('tenant_id', '=', tenant_id)
    .where('cluster_id', '=', cluster_id)
    .where('manifest_uuid', '=', manifest_uuid)
    .orderBy('received_at')
    .limit(PARTS_MAX)
    .execute();
  return rows.map(({ digest, files, part }) => ({ digest, files, bytes: part }));
}
