import type { PointBlock, Series } from '../../core/series.ts';
import { DAY_MS } from '../../lib/clock.ts';
import type { KnownSeries } from './series-book.ts';

const TWO_32 = 2 ** 32;
/** Prometheus sends 500 to 2,000 at once. */
const CAPACITY_FIRST = 2_048;

/** A `PointBlock` as it grows. Ids and instants are written as halves: a bigint for each would cost more than all else. */
export class PointSink {
  readonly #series: Series[] = [];
  readonly #told: KnownSeries[] = [];
  #ids = new Uint32Array(CAPACITY_FIRST * 2);
  #ats = new Uint32Array(CAPACITY_FIRST * 2);
  #values = new Float64Array(CAPACITY_FIRST);
  #rows = 0;
  #newestAt = -Infinity;
  #oldestAt = Infinity;

  /** `null` where there is no point. */
  get newestAt(): number | null {
    return this.#rows === 0 ? null : this.#newestAt;
  }

  /** Tells of a series that has points here. */
  tell(known: KnownSeries, series: Series): void {
    this.#series.push(series);
    this.#told.push(known);
  }

  /** To be called when the block is in the store: what was told need not be told again that day. */
  durable(): void {
    const day = Math.floor(this.#newestAt / DAY_MS);
    const oneDay = Math.floor(this.#oldestAt / DAY_MS) === day;
    for (const known of oneDay ? this.#told : []) known.toldDay = day;
  }

  add({ low, high }: { readonly low: number; readonly high: number }, at: number, value: number): void {
    const row = this.#rows;
    if (row === this.#values.length) this.#grow();
    this.#ids[row * 2] = low;
    this.#ids[row * 2 + 1] = high;
    this.#ats[row * 2] = at; // modulo 2^32, exactly
    this.#ats[row * 2 + 1] = Math.floor(at / TWO_32);
    this.#values[row] = value;
    this.#rows = row + 1;
    if (at > this.#newestAt) this.#newestAt = at;
    if (at < this.#oldestAt) this.#oldestAt = at;
  }

  block(): PointBlock {
    const rows = this.#rows;
    return {
      series: this.#series,
      ids: new BigUint64Array(this.#ids.buffer, 0, rows),
      ats: new BigInt64Array(this.#ats.buffer, 0, rows),
      values: this.#values.subarray(0, rows),
    };
  }

  #grow(): void {
    this.#ids = twice(this.#ids, new Uint32Array(this.#ids.length * 2));
    this.#ats = twice(this.#ats, new Uint32Array(this.#ats.length * 2));
    this.#values = twice(this.#values, new Float64Array(this.#values.length * 2));
  }
}

function twice<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
