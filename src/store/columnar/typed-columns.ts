/**
 * Results by column. Of 50,000 rows of forty columns, names of columns and a look at each cell take longer than the answer
 * itself: here the engine says once of what type a column is, which is held against what its reader expects, and every cell
 * of it is then of that type.
 */
import { z } from 'zod';

/** What a reader may expect of a column. 64-bit integers and decimals come as text. */
const KINDS = {
  number: /^(U?Int(8|16|32)|Float(32|64))$/,
  text: /^(String|LowCardinality\(String\)|U?Int64|Decimal\(.+\))$/,
  texts: /^Array\(String\)$/,
  textMap: /^Map\(String, String\)$/,
} as const;

interface Cells {
  readonly number: number;
  readonly text: string;
  readonly texts: readonly string[];
  readonly textMap: Readonly<Record<string, string>>;
}

/** A kind, or the only words that an `Enum8` may have. */
export type ColumnKind = keyof typeof KINDS | readonly string[];
export type ColumnKinds = Readonly<Record<string, ColumnKind>>;

type Cell<K extends ColumnKind> = K extends keyof Cells ? Cells[K] : K extends readonly (infer W)[] ? W : never;

/** All cells of a result, by column: each list is as long as `length` says. */
export interface Columns<K extends ColumnKinds> {
  readonly length: number;
  readonly of: { readonly [Name in keyof K]: readonly Cell<K[Name]>[] };
}

/** What `FORMAT JSONColumnsWithMetadata` is; cells are told by the types of `meta`. */
const Reply = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.record(
    z.string(),
    z.custom<readonly unknown[]>((cells) => Array.isArray(cells)),
  ),
  rows: z.number(),
});
type Reply = z.infer<typeof Reply>;

/** @throws TypeError for a column that is not there, or of another type than its reader expects */
export function typedColumns<const K extends ColumnKinds>(reply: unknown, kinds: K): Columns<K> {
  const { data: told, ...known } = Reply.parse(reply);
  const data = known.rows === 0 ? Object.fromEntries(known.meta.map(({ name }) => [name, []])) : told; // it leaves out lists of nothing
  if (areOf(data, { ...known, kinds })) return { length: known.rows, of: data };
  throw new TypeError('the columns of a result are not of one length');
}

interface Expected<K extends ColumnKinds> extends Pick<Reply, 'meta' | 'rows'> {
  readonly kinds: K;
}

function areOf<K extends ColumnKinds>(
  data: Reply['data'],
  { meta, rows, kinds }: Expected<K>,
): data is Columns<K>['of'] & Reply['data'] {
  const types = new Map(meta.map(({ name, type }) => [name, type]));
  return Object.entries(kinds).every(([name, kind]) => {
    const type = types.get(name);
    if (type === undefined) throw new TypeError(`the result has no column ${name}`);
    if (!isOf(kind, type)) throw new TypeError(`column ${name} is ${type}, and not ${[kind].flat().join(' or ')}`);
    return data[name]?.length === rows;
  });
}

function isOf(kind: ColumnKind, type: string): boolean {
  if (typeof kind === 'string') return KINDS[kind].test(type);
  if (!type.startsWith('Enum8(')) return false;
  const words = [...type.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, word]) => word ?? '');
  return words.every((word) => kind.includes(word));
}
