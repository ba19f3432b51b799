/** Ids of series that one process remembers having told, of all tenants and days: some 100 MB. */
const TOLD_MAX = 1_500_000;

/**
 * Which series the store has a row of, so that each is told once a day and process. What is forgotten is told again, which
 * changes nothing. Only what is durable may be added: a series whose insert failed must be told again.
 */
export class ToldSeries {
  readonly #idsMax: number;
  /** By scope: a cluster's source on a day. The one begun longest ago first. */
  readonly #scopes = new Map<string, Set<bigint>>();
  #ids = 0;

  constructor(idsMax = TOLD_MAX) {
    this.#idsMax = idsMax;
  }

  has(scope: string, id: bigint): boolean {
    return this.#scopes.get(scope)?.has(id) ?? false;
  }

  add(scope: string, ids: Iterable<bigint>): void {
    const told = this.#scopes.get(scope) ?? new Set();
    this.#scopes.set(scope, told);
    const before = told.size;
    for (const id of ids) told.add(id);
    this.#ids += told.size - before;
    this.#forget();
  }

  #forget(): void {
    for (const [scope, told] of this.#scopes) {
      if (this.#ids <= this.#idsMax) return;
      this.#scopes.delete(scope);
      this.#ids -= told.size;
    }
  }
}
