/**
 * The ClickHouse `Native` format: one block of columns, as the server reads it without parsing.
 *
 * This is the hot end of the intake (25 columns a row), so it writes bytes, not values: no BigInt for numbers, no copy of
 * a text that equals the one before it, one growing buffer for a column's texts. Little-endian machines only, which are
 * all that Node and ClickHouse run on.
 */
import { type ColumnWriter, writerOf } from './native-types.ts';

export type NativeColumn = ValueColumn | BinaryColumn;

interface ValueColumn {
  readonly name: string;
  /** `String`, `Bool`, `UUID`, `Date`, `Int64`, `UInt64`, `DateTime64(3)`, `Decimal(18, 12)`, or one of them in `Nullable(…)`. */
  readonly type: string;
  /**
   * `String`: strings. `Bool`: booleans. `UUID`: its text. `Date`: days since the epoch. `Int64`: whole numbers within
   * ±2^53, or bigints. `UInt64`: bigints. `DateTime64(3)`: milliseconds since the epoch. `Decimal(18, 12)`: bigint
   * pico-units. `null` only where the type is nullable.
   */
  readonly values: readonly unknown[];
}

/** A column that is laid out already, as typed arrays of numbers are; in pieces. Of any type; nothing of it is checked. */
export interface BinaryColumn {
  readonly name: string;
  readonly type: string;
  readonly parts: readonly Uint8Array[];
}

/**
 * One block of `rows` rows; without rows it is empty, because the engine refuses a block of columns alone.
 * Throws `RangeError` on a type it does not know, a value that is not of its column's type, or columns of other lengths.
 */
export function encodeNative(columns: readonly NativeColumn[], rows: number): Uint8Array {
  if (rows === 0) return new Uint8Array();
  const parts: Uint8Array[] = [varint(columns.length), varint(rows)];
  for (const column of columns) {
    parts.push(text(column.name), text(column.type));
    for (const part of 'parts' in column ? column.parts : partsOf(column, rows)) parts.push(part);
  }
  return Buffer.concat(parts);
}

function partsOf({ name, type, values }: ValueColumn, rows: number): Uint8Array[] {
  if (values.length !== rows) throw new RangeError(`column ${name} has ${values.length} values, not ${rows}`);
  const { nullable, write } = parsedType(type);
  try {
    const parts = write(values, nullable);
    return nullable ? [nullMap(values), ...parts] : parts;
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`column ${name}: ${error.message}`, { cause: error }) : error;
  }
}

function parsedType(type: string): { nullable: boolean; write: ColumnWriter } {
  const inner = /^Nullable\((.*)\)$/.exec(type)?.[1];
  return { nullable: inner !== undefined, write: writerOf(inner ?? type) };
}

function nullMap(values: readonly unknown[]): Uint8Array {
  const map = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    if (values[row] === null) map[row] = 1;
  }
  return map;
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...bytes, rest);
    bytes.push((rest % 128) | 128);
  }
}
