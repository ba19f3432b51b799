import { pipeline, Readable } from 'node:stream';
import {
  type Data,
  type DataType,
  Decimal,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow';
import type { Allocation } from '../../contracts/allocations.ts';
import type { Window } from '../../core/coverage.ts';
import { MONEY_DECIMALS, parseMoney } from '../../lib/money.ts';
import type { FoundAllocations } from '../../queries/allocations.ts';
import { type AnswerContext, rowReply } from './answer.ts';
import { type Arranged, arrange } from './arrange.ts';
import { AMOUNTS, COSTS } from './csv.ts';
import { keyName } from './row-names.ts';

export const ARROW_MEDIA_TYPE = 'application/vnd.apache.arrow.stream';

/** Rows of a record batch: what stands in memory at once. */
const BATCH_ROWS = 4_096;
const MONEY_DIGITS = 38;
const MONEY_BITS = 128;

interface Line {
  readonly window: Window;
  readonly row: Allocation;
}

interface Column {
  readonly name: string;
  readonly type: DataType;
  readonly data: (lines: readonly Line[]) => Data;
}

/**
 * The rows of an answer as an Arrow IPC stream, in the columns of the CSV: text, UTC milliseconds, doubles, and costs as
 * decimals of 38 digits with twelve after the point, as exact as they are. Batches are made as they are read.
 */
export function allocationArrow(
  allocations: FoundAllocations,
  context: AnswerContext,
): () => AsyncIterable<Uint8Array> {
  const names = context.keys.map(keyName);
  const arranged = arrange(allocations.sets, context);
  const columns = columnsOf(names, allocations.currency);
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, type, false)));
  const batches = async function* () {
    for await (const lines of batched(linesOf(arranged, names))) {
      const children = columns.map(({ data }) => data(lines));
      yield new RecordBatch(
        schema,
        makeData({ type: new Struct(schema.fields), length: lines.length, nullCount: 0, children }),
      );
    }
  };
  return async function* () {
    // The writer must end well whatever happens: one that is destroyed rejects a read that nobody waits for. What failed is thrown
    // here instead, before the stream could look whole.
    let failure: { readonly error: unknown } | undefined;
    const known = async function* () {
      try {
        yield* batches();
      } catch (error) {
        failure = { error };
      }
    };
    const writer = RecordBatchStreamWriter.throughNode();
    pipeline(Readable.from(known()), writer, () => {});
    for await (const bytes of writer) {
      if (failure !== undefined) break;
      yield bytes;
    }
    if (failure !== undefined) throw failure.error;
  };
}

async function* linesOf({ sets }: Arranged, names: readonly string[]): AsyncGenerator<Line> {
  for await (const { window, page } of sets) {
    for (const row of page) yield { window, row: rowReply(row, names) };
  }
}

/** At least one batch, if without rows: the columns are told in any case. */
async function* batched(lines: AsyncIterable<Line>): AsyncGenerator<Line[]> {
  let batch: Line[] = [];
  let isFirst = true;
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
    isFirst = false;
  }
  if (batch.length > 0 || isFirst) yield batch;
}

function columnsOf(names: readonly string[], currency: string): Column[] {
  return [
    instants('set_start', ({ window }) => window.start),
    instants('set_end', ({ window }) => window.end),
    texts('name', ({ row }) => row.name),
    texts('kind', ({ row }) => row.kind),
    ...names.map((name) => texts(name, ({ row }) => row.keys[name] ?? '')),
    ...AMOUNTS.map((amount) => numbers(amount, ({ row }) => row[amount])),
    ...COSTS.map((cost) => decimals(`${cost}_cost`, ({ row }) => row.cost[cost])),
    texts('currency', () => currency),
  ];
}

function instants(name: string, of: (line: Line) => number): Column {
  const type = new TimestampMillisecond('UTC');
  const data = (lines: readonly Line[]) => BigInt64Array.from(lines, (line) => BigInt(of(line)));
  return { name, type, data: (lines) => makeData({ type, length: lines.length, nullCount: 0, data: data(lines) }) };
}

function numbers(name: string, of: (line: Line) => number): Column {
  const type = new Float64();
  const data = (lines: readonly Line[]) => Float64Array.from(lines, of);
  return { name, type, data: (lines) => makeData({ type, length: lines.length, nullCount: 0, data: data(lines) }) };
}

function decimals(name: string, of: (line: Line) => string): Column {
  const type = new Decimal(MONEY_DECIMALS, MONEY_DIGITS, MONEY_BITS);
  const data = (lines: readonly Line[]) => {
    const halves = BigInt64Array.from(lines.flatMap((line) => halvesOf(parseMoney(of(line)))));
    return new Uint32Array(halves.buffer);
  };
  return { name, type, data: (lines) => makeData({ type, length: lines.length, nullCount: 0, data: data(lines) }) };
}

/** The lower and the upper 64 bits. */
function halvesOf(amount: bigint): [bigint, bigint] {
  return [BigInt.asIntN(64, amount), BigInt.asIntN(64, amount >> 64n)];
}

function texts(name: string, of: (line: Line) => string): Column {
  const type = new Utf8();
  return {
    name,
    type,
    data: (lines) => makeData({ type, length: lines.length, nullCount: 0, ...utf8(lines.map(of)) }),
  };
}

function utf8(values: readonly string[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const encoded = values.map((value) => Buffer.from(value, 'utf8'));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [index, bytes] of encoded.entries()) {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + bytes.length;
  }
  return { valueOffsets, data: Buffer.concat(encoded) };
}
