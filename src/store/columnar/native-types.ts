/** How the values of one ClickHouse type are laid out in a `Native` block, null values included (they are zeros). */
export type ColumnWriter = (values: readonly unknown[], nullable: boolean) => Uint8Array[];

const WRITERS: Readonly<Record<string, ColumnWriter>> = {
  String: writeTexts,
  Bool: writeBools,
  UUID: writeUuids,
  Date: writeDays,
  Int64: writeIntegers,
  UInt64: writeUnsigned,
  'DateTime64(3)': writeIntegers,
  'Decimal(18, 12)': writeIntegers,
  'Decimal(18,12)': writeIntegers,
};

export function writerOf(type: string): ColumnWriter {
  const writer = WRITERS[type];
  if (!writer) throw new RangeError(`cannot write the type ${type}`);
  return writer;
}

const TWO_32 = 2 ** 32;

/** Signed 64-bit integers from numbers, without a BigInt for each; bigints are taken too. */
function writeIntegers(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const halves = new Uint32Array(values.length * 2);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number within ±2^53`);
      halves[row * 2] = value; // modulo 2^32, exactly
      halves[row * 2 + 1] = Math.floor(value / TWO_32);
    } else if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit 64 bits`);
      halves[row * 2] = Number(BigInt.asUintN(32, value));
      halves[row * 2 + 1] = Number(BigInt.asUintN(32, value >> 32n));
    } else if (value !== null || !nullable) {
      throw wrong(value, 'a number');
    }
  }
  return [bytesOf(halves)];
}

/** Unsigned 64-bit integers: bigints, for they name things and are never counted with. */
function writeUnsigned(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const integers = new BigUint64Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'bigint' && BigInt.asUintN(64, value) === value) integers[row] = value;
    else if (value !== null || !nullable) throw wrong(value, 'an unsigned 64-bit integer');
  }
  return [new Uint8Array(integers.buffer)];
}

const DAY_MAX = 2 ** 16 - 1;

function writeDays(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const days = new Uint16Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= DAY_MAX) days[row] = value;
    else if (value !== null || !nullable) throw wrong(value, 'a number of days since the epoch');
  }
  return [new Uint8Array(days.buffer)];
}

function writeBools(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const bytes = new Uint8Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'boolean') bytes[row] = value ? 1 : 0;
    else if (value !== null || !nullable) throw wrong(value, 'a boolean');
  }
  return [bytes];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_BYTES = 16;

/** Two little-endian halves, the first digits in the first. Tenants and clusters repeat: a text is read once a run. */
function writeUuids(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const bytes = new Uint8Array(values.length * UUID_BYTES);
  let last: unknown;
  let lastAt = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    const at = row * UUID_BYTES;
    if (value === last && row > 0) {
      bytes.copyWithin(at, lastAt, lastAt + UUID_BYTES);
    } else if (typeof value === 'string' && UUID.test(value)) {
      const digits = Buffer.from(value.replaceAll('-', ''), 'hex');
      bytes.set(digits.subarray(0, 8).reverse(), at);
      bytes.set(digits.subarray(8).reverse(), at + 8);
    } else if (value !== null || !nullable) {
      throw wrong(value, 'a UUID');
    }
    last = value;
    lastAt = at;
  }
  return [bytes];
}

/** Shorter texts are written by hand: below this a call into the runtime costs more than the loop. */
const SHORT_TEXT = 40;
const LENGTH_BYTES_MAX = 5;
const UTF8_BYTES_MAX = 3; // for each UTF-16 unit
const GUESSED_BYTES = 16;

function writeTexts(values: readonly unknown[], nullable: boolean): Uint8Array[] {
  const sink = new TextSink(values.length * GUESSED_BYTES);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (typeof value === 'string') sink.add(value);
    else if (value === null && nullable) sink.add('');
    else throw wrong(value, 'a string');
  }
  return [sink.bytes()];
}

/** Texts with their lengths before them, in one growing buffer. */
class TextSink {
  #buffer: Buffer;
  #size = 0;
  #last = '';
  #lastStart = 0;
  #lastEnd = 0;

  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, 64));
  }

  add(value: string): void {
    this.#reserve(LENGTH_BYTES_MAX + value.length * UTF8_BYTES_MAX);
    const start = this.#size;
    if (value === this.#last && this.#lastEnd > 0) {
      this.#buffer.copyWithin(start, this.#lastStart, this.#lastEnd);
      this.#size = start + this.#lastEnd - this.#lastStart;
    } else if (value.length > SHORT_TEXT || !this.#addAscii(value)) {
      this.#addAny(value);
    }
    this.#last = value;
    this.#lastStart = start;
    this.#lastEnd = this.#size;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /** False, and nothing written that counts, where a character is not ASCII. */
  #addAscii(value: string): boolean {
    const buffer = this.#buffer;
    let at = this.#size;
    buffer[at] = value.length; // one byte: SHORT_TEXT is below 128
    at += 1;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      buffer[at] = code;
      at += 1;
    }
    this.#size = at;
    return true;
  }

  #addAny(value: string): void {
    let length = Buffer.byteLength(value);
    const bytes = length;
    for (; length > 127; length = Math.floor(length / 128)) {
      this.#buffer[this.#size] = (length % 128) | 128;
      this.#size += 1;
    }
    this.#buffer[this.#size] = length;
    this.#size += 1;
    this.#buffer.write(value, this.#size, bytes, 'utf8');
    this.#size += bytes;
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#size + more));
    this.#buffer.copy(larger, 0, 0, this.#size);
    this.#buffer = larger;
  }
}

function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function wrong(value: unknown, expected: string): RangeError {
  const seen = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  return new RangeError(`${seen} is not ${expected}`);
}
