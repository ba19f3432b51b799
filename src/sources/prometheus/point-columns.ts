import type { PointBlock, Series } from '../../core/series.ts';

const CAPACITY_FIRST = 4_096;
const TWO_32 = 2 ** 32;
/** Where the low half of a 64-bit number is on this machine. */
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/** Points as they are read, by column. Whole milliseconds go in as two halves: a bigint for each would cost more than reading it. */
export class PointColumns {
  readonly #series: Series[] = [];
  /** Of each series, the number of its last point and one. Points lie series by series. */
  readonly #ends: number[] = [];
  #ids = new BigUint64Array(CAPACITY_FIRST);
  #ats = new BigInt64Array(CAPACITY_FIRST);
  #halves = new Int32Array(this.#ats.buffer);
  #values = new Float64Array(CAPACITY_FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `at` in whole milliseconds. Of which series it is, `endSeries` says. */
  add(at: number, value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    const index = this.#length;
    const high = Math.floor(at / TWO_32);
    this.#halves[2 * index + LOW] = at - high * TWO_32;
    this.#halves[2 * index + 1 - LOW] = high;
    this.#values[index] = value;
    this.#length += 1;
  }

  /** The points added since the last call are of this series. */
  endSeries(series: Series): void {
    const from = this.#ends.at(-1) ?? 0;
    if (from === this.#length) return;
    this.#ids.fill(series.id, from, this.#length);
    this.#series.push(series);
    this.#ends.push(this.#length);
  }

  /** Blocks of at most `pointsMax`: what one insert takes. Each tells of every series that has points in it. */
  *blocks(pointsMax: number): Generator<PointBlock> {
    let first = 0;
    for (let from = 0; from < this.#length; from += pointsMax) {
      const to = Math.min(from + pointsMax, this.#length);
      while ((this.#ends[first] ?? to) <= from) first += 1;
      let after = first + 1;
      while ((this.#ends[after - 1] ?? to) < to) after += 1;
      yield {
        series: this.#series.slice(first, after),
        ids: this.#ids.subarray(from, to),
        ats: this.#ats.subarray(from, to),
        values: this.#values.subarray(from, to),
      };
    }
  }

  #grow(): void {
    const capacity = this.#values.length * 2;
    const [ids, ats, values] = [this.#ids, this.#ats, this.#values];
    this.#ids = new BigUint64Array(capacity);
    this.#ids.set(ids);
    this.#ats = new BigInt64Array(capacity);
    this.#ats.set(ats);
    this.#halves = new Int32Array(this.#ats.buffer);
    this.#values = new Float64Array(capacity);
    this.#values.set(values);
  }
}
