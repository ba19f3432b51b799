import type { Lanes } from './lanes.ts';

interface Entry<V> {
  readonly b: number;
  readonly owner: string;
  readonly value: V;
  readonly next: Entry<V> | undefined;
}

/**
 * Values by the hash of what they were made from, and by owner: what one owner's bytes were found to be is never told to
 * another, so that nobody can aim a collision at somebody else.
 *
 * It forgets in generations: when the young one is full it becomes the old one, and what is asked for again moves back.
 * That costs nothing on the way, where a list in order of use costs a write at every look.
 */
export class LaneTable<V> {
  readonly #entriesMax: number;
  #young = new Map<number, Entry<V>>();
  #old = new Map<number, Entry<V>>();

  /** Holds twice `entriesMax` at most. */
  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get(lanes: Lanes, owner: string): V | undefined {
    const { a, b } = lanes;
    for (let entry = this.#young.get(a); entry; entry = entry.next) {
      if (entry.b === b && entry.owner === owner) return entry.value;
    }
    for (let entry = this.#old.get(a); entry; entry = entry.next) {
      if (entry.b !== b || entry.owner !== owner) continue;
      this.set({ a, b }, owner, entry.value);
      return entry.value;
    }
    return undefined;
  }

  set({ a, b }: Readonly<Lanes>, owner: string, value: V): void {
    if (this.#young.size >= this.#entriesMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(a, { b, owner, value, next: this.#young.get(a) });
  }
}
