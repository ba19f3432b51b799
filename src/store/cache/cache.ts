/**
 * A place for what may be lost: looking it up again is always possible, and always right.
 *
 * So reading never fails: a cache that is away has nothing, and keeps nothing. `set` does say when it could not be done,
 * because it is how a cached fact is taken back.
 */
export interface Cache {
  /** `process`: this process alone sees it. `shared`: every replica sees the same, at once. */
  readonly scope: 'process' | 'shared';
  get(key: string): Promise<string | undefined>;
  /** Keeps `value` for `ttlMs` unless something is there already; whether it did. */
  add(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Replaces what is there, for `ttlMs`. Throws `store_unavailable` when the cache could not be told. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}
