/** Bytes behind the unpacked ones that may be written over: what is short is copied by words. */
export const SLACK_BYTES = 4;

const WORD_BYTES = 4;
/** Longer literals are copied by the runtime: below this the call costs more than the loop. */
const SHORT_LITERAL = 64;
/** Beyond this a literal's length stands in bytes of its own. */
const INLINE_LENGTH = 60;
const [LITERAL, NEAR_COPY, COPY] = [0, 1, 2];

/**
 * Snappy's block format, unpacked into memory that is there already.
 *
 * A write request unpacks to ten times its size, some 600 KB. Fresh memory for each costs five times the unpacking itself
 * (the system hands it out page by page), and so much of it outside the heap lets the collector run over the whole heap
 * every few requests. Hence this and no library: none writes into a buffer that it is given.
 */
export class SnappyBlock {
  readonly #packed: Buffer;
  readonly #from: DataView;
  readonly #into: Buffer;
  readonly #to: DataView;
  readonly #length: number;
  #at: number;
  #size = 0;

  /** The block in `packed` from `at` on, for the first `length` bytes of `into`, which has `SLACK_BYTES` more. */
  constructor(packed: Buffer, at: number, { into, length }: { readonly into: Buffer; readonly length: number }) {
    this.#packed = packed;
    this.#from = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
    this.#into = into;
    this.#to = new DataView(into.buffer, into.byteOffset, into.byteLength);
    this.#length = length;
    this.#at = at;
  }

  /** Throws `RangeError` where the block is not whole, or does not unpack to exactly `length` bytes. */
  unpack(): void {
    const end = this.#packed.length;
    while (this.#at < end) {
      const tag = this.#from.getUint8(this.#at);
      this.#at += 1;
      if ((tag & 3) === LITERAL) this.#literal((tag >>> 2) + 1);
      else if ((tag & 3) === NEAR_COPY) this.#copy(((tag >>> 2) & 7) + 4, ((tag >>> 5) << 8) | this.#number(1));
      else this.#copy((tag >>> 2) + 1, this.#number((tag & 3) === COPY ? 2 : 4));
    }
    if (this.#size !== this.#length) throw new RangeError(`unpacks to ${this.#size} bytes, not ${this.#length}`);
  }

  #literal(inline: number): void {
    const run = inline > INLINE_LENGTH ? this.#number(inline - INLINE_LENGTH) + 1 : inline;
    const [from, to, at, size] = [this.#from, this.#to, this.#at, this.#size];
    const end = at + run;
    this.#grow(run);
    if (end > from.byteLength) throw new RangeError('ends inside a literal');
    if (run <= SHORT_LITERAL && end + WORD_BYTES <= from.byteLength) {
      for (let k = 0; k < run; k += WORD_BYTES) to.setInt32(size + k, from.getInt32(at + k, true), true);
    } else {
      this.#into.set(this.#packed.subarray(at, end), size);
    }
    this.#at = end;
  }

  /** What was written `back` bytes before, which may reach into what it writes. */
  #copy(run: number, back: number): void {
    const to = this.#to;
    const size = this.#size;
    if (back === 0 || back > size) throw new RangeError(`copies from ${back} bytes before byte ${size}`);
    this.#grow(run);
    if (back >= WORD_BYTES) {
      for (let k = 0; k < run; k += WORD_BYTES) to.setInt32(size + k, to.getInt32(size - back + k, true), true);
    } else {
      for (let k = 0; k < run; k += 1) to.setUint8(size + k, to.getUint8(size - back + k));
    }
  }

  #grow(run: number): void {
    this.#size += run;
    if (this.#size > this.#length) throw new RangeError(`unpacks to more than ${this.#length} bytes`);
  }

  /** A little-endian number of so many bytes. */
  #number(bytes: number): number {
    const at = this.#at;
    this.#at = at + bytes;
    if (bytes === 2) return this.#from.getUint16(at, true);
    if (bytes === 1) return this.#from.getUint8(at);
    if (bytes === 4) return this.#from.getUint32(at, true);
    return this.#from.getUint16(at, true) + this.#from.getUint8(at + 2) * 65_536;
  }
}
