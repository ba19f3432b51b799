import { AppError } from '../../lib/errors.ts';

/** The wire types of protobuf that exist today; groups, 3 and 4, are refused. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const VARINT_BYTES_MAX = 10;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

/**
 * A cursor over protobuf, moved by whoever reads: nothing is copied and nothing is made. Whatever would read beyond `end`
 * throws `invalid_payload`, so a length that lies costs nothing.
 */
export class ProtoReader {
  readonly bytes: Buffer;
  readonly view: DataView;
  at = 0;
  end: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.length;
  }

  /** A field's number and wire type in one: `number << 3 | type`. */
  tag(): number {
    const tag = this.varint();
    if (tag < 8 || tag > 0xffff_ffff) throw malformed('a field has no number');
    return tag;
  }

  /** An unsigned varint; exact below 2^53. */
  varint(): number {
    const first = this.at < this.end ? this.view.getUint8(this.at) : 128;
    if (first < 128) {
      this.at += 1;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let read = 0; read < VARINT_BYTES_MAX; read += 1) {
      if (this.at >= this.end) throw malformed('it ends inside a number');
      const byte = this.view.getUint8(this.at);
      this.at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw malformed('a number is longer than ten bytes');
  }

  /** A signed varint that is not zigzag: `int64`. Exact within ±2^53, and of the right sign beyond. */
  int64(): number {
    const value = this.varint();
    return value >= TWO_63 ? value - TWO_64 : value;
  }

  double(): number {
    if (this.at + 8 > this.end) throw malformed('it ends inside a number');
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /** Reads the length of what follows, and returns where that ends. */
  limit(): number {
    const length = this.varint();
    const limit = this.at + length;
    if (limit > this.end) throw malformed(`a length says ${length} bytes, ${this.end - this.at} follow`);
    return limit;
  }

  /** Passes over the value of a field that is not known here. */
  skip(tag: number): void {
    const type = tag & 7;
    if (type === WIRE.varint) this.varint();
    else if (type === WIRE.bytes) this.at = this.limit();
    else if (type === WIRE.fixed64) this.#pass(8);
    else if (type === WIRE.fixed32) this.#pass(4);
    else throw malformed(`wire type ${type} is not known`);
  }

  #pass(bytes: number): void {
    if (this.at + bytes > this.end) throw malformed('it ends inside a field');
    this.at += bytes;
  }
}

export function malformed(what: string): AppError {
  return new AppError('invalid_payload', `cannot read the write request: ${what}`);
}
