/**
 * What the reports of an upload say of its nodes and namespaces, hour by hour, as one fact each.
 *
 * A node's size stands on every row of its pods, its labels in a report of their own, and either may come in an archive by
 * itself. Merging takes the greater of each thing said, so it gives the same whatever order, number and grouping of the rows:
 * the same report is the same facts whether it comes once, twice or in pieces.
 */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { z } from 'zod';
import type { FactAmounts, HourFact } from '../../core/hour-facts.ts';
import { AppError } from '../../lib/errors.ts';
import type { Labels } from './labels.ts';
import { MERGED_FACTS_MAX } from './limits.ts';

export interface MergedRow {
  readonly kind: 'node' | 'namespace';
  readonly hour: number;
  /** Of the node or namespace. */
  readonly name: string;
  readonly amounts: FactAmounts;
  readonly texts: Readonly<Record<string, string>>;
  readonly labels: Labels;
}

export interface MergedFacts {
  /** Throws `limit_exceeded` beyond `MERGED_FACTS_MAX` things and hours. */
  add(row: MergedRow): void;
  readonly size: number;
  facts(statedAt: number): Generator<HourFact>;
  /** All of it, to be merged into that of another archive. */
  pack(): Promise<Uint8Array>;
  /** Merges what `pack` gave. Throws `limit_exceeded` beyond `PACKED_BYTES_MAX` unpacked. */
  unpack(packed: Uint8Array): Promise<void>;
}

/** What a packed half of a report may be, in JSON. */
const PACKED_BYTES_MAX = 256 * 2 ** 20;
/** What a cluster calls a node whose role it does not tell. */
const ROLE_DEFAULT = 'worker';

const RowSchema = z.object({
  kind: z.enum(['node', 'namespace']),
  hour: z.int(),
  name: z.string(),
  amounts: z.record(z.string(), z.number()),
  texts: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
});
const RowsSchema = z.array(RowSchema);

export function createMergedFacts(): MergedFacts {
  const rows = new Map<string, MergedRow>();

  function add(row: MergedRow): void {
    const key = `${row.kind} ${row.hour} ${row.name}`;
    const known = rows.get(key);
    if (known) {
      if (!saysNothingNew(known, row)) rows.set(key, merge(known, row));
      return;
    }
    if (rows.size >= MERGED_FACTS_MAX) {
      throw new AppError(
        'limit_exceeded',
        `it speaks of more than ${MERGED_FACTS_MAX} nodes and namespaces by the hour`,
      );
    }
    rows.set(key, row);
  }

  return {
    add,
    get size() {
      return rows.size;
    },
    *facts(statedAt) {
      for (const row of rows.values()) yield factOf(row, statedAt);
    },
    async pack() {
      return await promisify(zlib.gzip)(JSON.stringify([...rows.values()]));
    },
    async unpack(packed) {
      const json = await promisify(zlib.gunzip)(packed, { maxOutputLength: PACKED_BYTES_MAX });
      for (const row of RowsSchema.parse(JSON.parse(json.toString('utf8')))) add(row);
    },
  };
}

function factOf({ kind, hour, name, amounts, texts, labels }: MergedRow, statedAt: number): HourFact {
  const isNode = kind === 'node';
  return {
    kind,
    hour,
    statedAt,
    node: isNode ? name : '',
    namespace: isNode ? '' : name,
    pod: '',
    container: '',
    name: '',
    amounts,
    texts: isNode ? { ...texts, node_role: texts['node_role'] ?? ROLE_DEFAULT } : texts,
    labels,
  };
}

/** Most rows repeat what another pod of the node has said. */
function saysNothingNew(known: MergedRow, row: MergedRow): boolean {
  return (
    isWithin(row.amounts, known.amounts) &&
    isWithin(row.texts, known.texts) &&
    (row.labels === known.labels || isWithin(row.labels, known.labels))
  );
}

function isWithin<V>(values: Readonly<Record<string, V>>, known: Readonly<Record<string, V>>): boolean {
  for (const key in values) if (values[key] !== known[key]) return false;
  return true;
}

function merge(a: MergedRow, b: MergedRow): MergedRow {
  return {
    ...a,
    amounts: greaterOfEach(a.amounts, b.amounts),
    texts: greaterOfEach(a.texts, b.texts),
    labels: greaterOfEach(a.labels, b.labels),
  };
}

function greaterOfEach<V extends string | number>(
  a: Readonly<Record<string, V | undefined>>,
  b: Readonly<Record<string, V | undefined>>,
): Record<string, V> {
  const merged: Record<string, V> = Object.create(null);
  for (const [key, value] of [...Object.entries(a), ...Object.entries(b)]) {
    const known = merged[key];
    if (value !== undefined && (known === undefined || value > known)) merged[key] = value;
  }
  return merged;
}
