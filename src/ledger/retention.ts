import { z } from 'zod';
import { DAY_MS, isoDay } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';

/** How long each kind of row is kept. Whole partitions are dropped: days of samples, months of the ledger. */
export interface Retention {
  readonly samplesDays: number;
  readonly ledgerMonths: number;
}

const SAMPLE_TABLES = [
  'container_samples',
  'node_samples',
  'volume_samples',
  'balancer_samples',
  'series',
  'points',
] as const;
/** Hour facts are as small as the ledger, and what is asked about them may be as old: they stay as long. */
const LEDGER_TABLES = [
  'container_hours',
  'node_hours',
  'volume_hours',
  'balancer_hours',
  'cluster_hours',
  'workload_hours',
  'workload_days',
  'volume_days',
  'balancer_days',
  'node_days',
  'day_grains',
  'namespace_days',
  'service_days',
  'hour_facts',
] as const;

const Partition = z.object({ table: z.string(), partition_id: z.string().regex(/^\d{6,8}$/) });

/** Drops what is older than `retention` as of `now`. Returns the partitions dropped, as `table/partition`. */
export async function dropExpired(
  columnar: Columnar,
  { retention, now }: { retention: Retention; now: number },
  signal?: AbortSignal,
): Promise<string[]> {
  const parts = await columnar.rows(
    {
      sql: `SELECT DISTINCT table, partition_id FROM system.parts
            WHERE database = currentDatabase() AND active AND table IN {tables:Array(String)} ORDER BY table, partition_id`,
      params: { tables: [...SAMPLE_TABLES, ...LEDGER_TABLES] },
      row: Partition,
    },
    signal,
  );
  const day = isoDay(now - retention.samplesDays * DAY_MS).replaceAll('-', '');
  const month = monthsBefore(now, retention.ledgerMonths);
  const expired = parts.filter(({ table, partition_id: id }) =>
    SAMPLE_TABLES.some((name) => name === table) ? id < day : id < month,
  );
  for (const { table, partition_id: id } of expired) {
    // Neither name can be bound here; both come from our own lists and from a pattern of digits.
    await columnar.command({ sql: `ALTER TABLE ${table} DROP PARTITION ID '${id}'` }, signal);
  }
  return expired.map(({ table, partition_id: id }) => `${table}/${id}`);
}

function monthsBefore(now: number, months: number): string {
  const date = new Date(now);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1));
  return first.toISOString().slice(0, 7).replace('-', '');
}
