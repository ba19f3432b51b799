import type { Coverage } from '../../contracts/costs.ts';

/** An answer laid out for people: what every output format starts from. */
export interface Report {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** One cell per column; `null` where a sum would mean nothing. */
  readonly totals: readonly Cell[];
  readonly coverage: Coverage;
  /** The half-open window, RFC 3339. */
  readonly window: { readonly start: string; readonly end: string };
  /** What a reader must know beside the numbers. */
  readonly notes: readonly string[];
  /** What its numbers are of: `costs` when not given. */
  readonly subject?: 'costs' | 'nodes';
  /** ISO 4217, what costs are in: US dollars when not given. */
  readonly currency?: string;
  /** The whole answer, for machines. */
  readonly answer: object;
}

export interface Column {
  /** For people: `CPU used`. */
  readonly title: string;
  /** For machines, with its unit: `cpu_used_millicores`. */
  readonly id: string;
  readonly kind: ColumnKind;
  /** Who it is for where not for all: a table has no columns for machines, and CSV none for people. */
  readonly readers?: 'people' | 'machines';
}

/** `money` cells are exact decimal text; `ratio` cells are fractions of one; `instant` cells are RFC 3339, UTC. */
export type ColumnKind = 'text' | 'instant' | 'money' | 'millicores' | 'bytes' | 'ratio' | 'count' | 'hours';

/** `null` is "not known" or "does not apply". */
export type Cell = string | number | null;
