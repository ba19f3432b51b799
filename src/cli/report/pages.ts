import { LIMIT_MAX } from '../../contracts/costs.ts';

interface Paged {
  readonly pagination: { readonly total: number; limit: number };
}

interface Pages<A, Row> {
  readonly get: (page: { limit: number; offset: number }) => Promise<A>;
  /** The rows of an answer, which later pages are added to. */
  readonly rowsOf: (answer: A) => Row[];
}

/** One answer with as many rows as there are, at most `limit`, whatever a page may hold. */
export async function allPages<A extends Paged, Row>(limit: number, { get, rowsOf }: Pages<A, Row>): Promise<A> {
  const first = await get({ limit: Math.min(limit, LIMIT_MAX), offset: 0 });
  const rows = rowsOf(first);
  while (rows.length < Math.min(limit, first.pagination.total)) {
    const next = rowsOf(await get({ limit: Math.min(limit - rows.length, LIMIT_MAX), offset: rows.length }));
    if (next.length === 0) break; // rows went away between two pages
    rows.push(...next);
  }
  first.pagination.limit = limit;
  return first;
}
