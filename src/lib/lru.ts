/** A map that forgets what was used longest ago once it holds more than `sizeMax`. */
export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  /** Of entries. */
  readonly size: number;
}

/** `sizeOf` one value, in whatever unit `sizeMax` counts: entries, where nothing is said. It must not change while the value is kept. */
export function createLru<V>(sizeMax: number, sizeOf: (value: V) => number = () => 1): Lru<V> {
  const entries = new Map<string, V>(); // a Map iterates in the order of insertion: the first is the oldest
  let held = 0;
  function remove(key: string): void {
    const value = entries.get(key);
    if (value === undefined) return;
    held -= sizeOf(value);
    entries.delete(key);
  }
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      entries.set(key, value);
      held += sizeOf(value);
      for (const oldest of entries.keys()) {
        if (held <= sizeMax) return;
        remove(oldest);
      }
    },
    delete: remove,
    get size() {
      return entries.size;
    },
  };
}
