import type { Fault, Faults } from './faults.ts';
import { note } from './faults.ts';
import { isRow, type Row } from './fields.ts';
import type { RejectedRow } from './source.ts';

/** Refused rows that a reply names; the rest are only counted. */
export const REJECTED_SHOWN_MAX = 100;

/** Counts the refused rows of one post and keeps the first of them. */
export class Rejections {
  readonly #shown: RejectedRow[] = [];
  #count = 0;

  /** Refuses row `index` of its list, which stands at `path` in the body (`''` is the body itself). */
  refuse({ field, message }: Fault, path: string, index: number): void {
    this.#count += 1;
    if (this.#shown.length >= REJECTED_SHOWN_MAX) return;
    const where = [path, field].filter((part) => part !== '').join('.');
    this.#shown.push({ row: index, field: where, message });
  }

  get count(): number {
    return this.#count;
  }

  get shown(): readonly RejectedRow[] {
    return this.#shown;
  }
}

interface RowList {
  /** Where the list is in the body. */
  readonly path: string;
  readonly rows: readonly unknown[];
  readonly rejections: Rejections;
}

/** All that `read` makes of the rows of a list, but for those it finds a fault with: they are refused. */
export function readEach<T>(
  { path, rows, rejections }: RowList,
  read: (row: Row, faults: Faults) => readonly T[],
): T[] {
  const items: T[] = [];
  const faults: Faults = { first: null };
  for (let index = 0; index < rows.length; index += 1) {
    const found = readOne(rows[index], read, faults);
    if (faults.first) rejections.refuse(faults.first, `${path}[${index}]`, index);
    else for (const item of found) items.push(item);
    faults.first = null;
  }
  return items;
}

function readOne<T>(row: unknown, read: (row: Row, faults: Faults) => readonly T[], faults: Faults): readonly T[] {
  if (isRow(row)) return read(row, faults);
  note(faults, '', 'must be an object');
  return [];
}
