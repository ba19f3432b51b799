import type { Filter } from '../core/filter/tree.ts';
import { SECOND_MS } from '../lib/clock.ts';
import { parseMoney, ZERO } from '../lib/money.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { FILTER_COLUMNS, reachOf } from './allocation-columns.ts';
import type { ExplainedAttachment, LedgerTotal } from './explain.ts';
import { AttachedRow, AttachedTotal } from './explain-reads.ts';
import { filterSql } from './filter-sql.ts';
import { leafJoins } from './leaf-joins.ts';
import { fillSql, readSql } from './statements.ts';

interface AttachedAsk {
  readonly filter: Filter;
  /** The window, the names of clusters, and the page. */
  readonly params: Readonly<Record<string, unknown>>;
}

interface AttachedRead {
  readonly total: Pick<LedgerTotal, 'attached' | 'attachedRows'>;
  readonly rows: readonly AttachedRow[];
}

/** What is paid for beside nodes, as far as the filter lets it through: its sums, and one page of it. */
export async function readAttached(
  columnar: Columnar,
  { filter, params: page }: AttachedAsk,
  signal?: AbortSignal,
): Promise<AttachedRead> {
  const asked = filterSql(filter, FILTER_COLUMNS, 'filter_');
  const joins = leafJoins({ ...reachOf([], [filter]), nodes: false });
  const leaves = readSql('explain-attached-leaves');
  const parts: Readonly<Record<string, string>> = { leaves, joins, asked: asked.sql };
  const fill = (name: string) => fillSql(readSql(name), parts);
  const params = { ...page, ...asked.params };
  const [totals, rows] = await Promise.all([
    columnar.rows({ sql: fill('explain-attached-totals'), params, row: AttachedTotal }, signal),
    columnar.rows({ sql: fill('explain-attached'), params, row: AttachedRow }, signal),
  ]);
  const costs = totals.map(({ kind, cost }) => [kind, parseMoney(cost)] as const);
  return {
    total: {
      attached: { volume: ZERO, balancer: ZERO, management: ZERO, ...Object.fromEntries(costs) },
      attachedRows: totals.reduce((sum, { row_count }) => sum + row_count, 0),
    },
    rows,
  };
}

export function attachmentOf(row: AttachedRow, names: ReadonlyMap<string, string>): ExplainedAttachment {
  return {
    kind: row.kind,
    cluster: names.get(row.cluster_id) ?? row.cluster_id,
    hour: row.hour_s * SECOND_MS,
    namespace: row.namespace_name,
    pod: row.pod_name,
    name: row.thing,
    storageClass: row.storage_class,
    runMs: row.run,
    byteSeconds: BigInt(row.byte_seconds),
    wholeByteSeconds: BigInt(row.whole_byte_seconds),
    wholeCost: parseMoney(row.whole_cost),
    cost: parseMoney(row.cost),
    adjustment: parseMoney(row.corrected),
    priceBasis: row.price_basis,
    priceVersion: row.price_version,
    source: row.record,
  };
}
