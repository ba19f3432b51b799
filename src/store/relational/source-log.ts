import { type Insertable, type Selectable, sql } from 'kysely';
import { type Clock, MINUTE_MS } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Database } from './relational.ts';
import type { Schema } from './schema.ts';

/**
 * What each source brought of each cluster: rows taken, rows refused and why, when it was last heard.
 *
 * `note` only counts in this process and never fails. The counts are added to the relational store at most once every
 * `flushMs`, and at close; several replicas add up. They are for people: a process that is killed loses at most what it
 * counted since its last flush, and a store that is away costs nothing but a delay.
 */
export interface SourceLog {
  note(target: SourceTarget, source: string, brought: SourceNote): void;
  /** Of all the tenant's clusters, what this process has counted so far included. */
  list(tenant: string): Promise<SourceLogEntry[]>;
  /** Adds what was counted to the store. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface SourceTarget {
  readonly tenant: string;
  readonly cluster: string;
}

export interface SourceNote {
  readonly taken: number;
  /** Refused rows by reason: few and without the rows' own values, for the latest `REASONS_MAX` are kept. */
  readonly refused: Readonly<Record<string, number>>;
  /** The newest instant that the rows tell of (milliseconds); `null` where they tell of none. */
  readonly newestAt: number | null;
}

export interface SourceLogEntry {
  readonly cluster: string;
  readonly source: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly newestAt: number | null;
  readonly taken: number;
  readonly refused: number;
  /** The latest first. */
  readonly reasons: readonly RefusalReason[];
}

export interface RefusalReason {
  readonly reason: string;
  readonly count: number;
  readonly lastAt: number;
}

/** Reasons that are kept of one source of one cluster: the latest. */
export const REASONS_MAX = 20;
const REASON_CHARS_MAX = 200;
/** Sources of clusters counted between two flushes; others are not counted then. */
const PENDING_MAX = 10_000;
const ROWS_PER_INSERT = 500;
/** What can be told exactly as a double. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER;

export interface SourceLogDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly flushMs?: number;
}

export function createSourceLog(deps: SourceLogDeps): SourceLog {
  return new CountingSourceLog(deps);
}

interface Counts {
  readonly target: SourceTarget;
  readonly source: string;
  firstAt: number;
  lastAt: number;
  newestAt: number | null;
  taken: number;
  refused: number;
  reasons: Map<string, { count: number; lastAt: number }>;
}

class CountingSourceLog implements SourceLog {
  readonly #deps: SourceLogDeps;
  #pending = new Map<string, Counts>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Flushes and reads come one after the other, so that a read never sees a count twice, or not at all. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: SourceLogDeps) {
    this.#deps = deps;
  }

  note(target: SourceTarget, source: string, { taken, refused, newestAt }: SourceNote): void {
    const now = this.#deps.clock.now();
    const reasons = new Map<string, { count: number; lastAt: number }>();
    for (const [reason, count] of Object.entries(refused)) {
      const text = storable(reason);
      reasons.set(text, { count: count + (reasons.get(text)?.count ?? 0), lastAt: now });
    }
    const counted = [...reasons.values()].reduce((sum, { count }) => sum + count, 0);
    this.#add({ target, source, firstAt: now, lastAt: now, newestAt, taken, refused: counted, reasons });
  }

  list(tenant: string): Promise<SourceLogEntry[]> {
    return this.#inTurn(async () => {
      const rows = await this.#deps.db.selectFrom('source_log').selectAll().where('tenant_id', '=', tenant).execute();
      const all = new Map(rows.map(countsOf).map((counts) => [keyOf(counts), counts]));
      for (const [key, counts] of this.#pending) {
        if (counts.target.tenant === tenant) all.set(key, joined(all.get(key), counts));
      }
      return [...all.values()].map(toEntry);
    });
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#inTurn(async () => {
      const due = [...this.#pending.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)); // one order: no deadlocks
      this.#pending = new Map();
      for (let first = 0; first < due.length; first += ROWS_PER_INSERT) {
        const rows = due.slice(first, first + ROWS_PER_INSERT);
        try {
          await addToStore(this.#deps.db, rows);
        } catch (error) {
          for (const counts of rows) this.#add(counts); // they go with the next flush
          this.#deps.log.warn({ error, rows: rows.length }, 'what sources brought was not noted; it will be');
        }
      }
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.flush();
  }

  #add(counts: Counts): void {
    const key = keyOf(counts);
    const known = this.#pending.get(key);
    if (!known && this.#pending.size >= PENDING_MAX) return;
    this.#pending.set(key, joined(known, counts));
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => void this.flush(), this.#deps.flushMs ?? MINUTE_MS).unref();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const keyOf = ({ target, source }: Counts): string => `${target.tenant}/${target.cluster}/${source}`;

/** PostgreSQL holds no NUL, and well-formed text alone. */
function storable(reason: string): string {
  return reason.replaceAll('\u0000', '').slice(0, REASON_CHARS_MAX).toWellFormed() || 'no reason given';
}

function joined(a: Counts | undefined, b: Counts): Counts {
  if (!a) return b;
  const reasons = new Map(a.reasons);
  for (const [reason, { count, lastAt }] of b.reasons) {
    const known = reasons.get(reason);
    reasons.set(reason, { count: count + (known?.count ?? 0), lastAt: Math.max(lastAt, known?.lastAt ?? lastAt) });
  }
  return {
    ...a,
    firstAt: Math.min(a.firstAt, b.firstAt),
    lastAt: Math.max(a.lastAt, b.lastAt),
    newestAt: a.newestAt === null ? b.newestAt : Math.max(a.newestAt, b.newestAt ?? a.newestAt),
    taken: Math.min(COUNT_MAX, a.taken + b.taken),
    refused: Math.min(COUNT_MAX, a.refused + b.refused),
    reasons: latest(reasons),
  };
}

function latest(reasons: Counts['reasons']): Counts['reasons'] {
  const newestFirst = [...reasons].toSorted(([a, one], [b, two]) => two.lastAt - one.lastAt || (a < b ? -1 : 1));
  return new Map(newestFirst.slice(0, REASONS_MAX));
}

/** Merged by the engine in one statement: replicas that flush at once lose nothing. */
const REASONS_MERGED = sql<string>`(
  select coalesce(jsonb_object_agg(reason, jsonb_build_object('count', count, 'last_at', last_at)), '{}'::jsonb)
  from (
    select key as reason, sum((value->>'count')::bigint) as count, max((value->>'last_at')::bigint) as last_at
    from (select * from jsonb_each(source_log.reasons) union all select * from jsonb_each(excluded.reasons)) as told
    group by key order by last_at desc, reason limit ${sql.lit(REASONS_MAX)}
  ) as latest)`;

async function addToStore(db: Database, rows: readonly Counts[]): Promise<void> {
  await db
    .insertInto('source_log')
    .values(rows.map(toRow))
    .onConflict((on) =>
      on.columns(['tenant_id', 'cluster_id', 'source']).doUpdateSet((eb) => ({
        first_at: sql<Date>`least(source_log.first_at, excluded.first_at)`,
        last_at: sql<Date>`greatest(source_log.last_at, excluded.last_at)`,
        newest_at: sql<Date | null>`greatest(source_log.newest_at, excluded.newest_at)`, // PostgreSQL's ignores NULL
        rows_taken: eb('source_log.rows_taken', '+', eb.ref('excluded.rows_taken')),
        rows_refused: eb('source_log.rows_refused', '+', eb.ref('excluded.rows_refused')),
        reasons: REASONS_MERGED,
      })),
    )
    .execute();
}

function toRow({ target, source, reasons, ...counts }: Counts): Insertable<Schema['source_log']> {
  const told = [...latest(reasons)].map(([reason, { count, lastAt }]) => [reason, { count, last_at: lastAt }]);
  return {
    tenant_id: target.tenant,
    cluster_id: target.cluster,
    source,
    first_at: new Date(counts.firstAt),
    last_at: new Date(counts.lastAt),
    newest_at: counts.newestAt === null ? null : new Date(counts.newestAt),
    rows_taken: BigInt(counts.taken),
    rows_refused: BigInt(counts.refused),
    reasons: JSON.stringify(Object.fromEntries(told)),
  };
}

function countsOf(row: Selectable<Schema['source_log']>): Counts {
  const reasons = Object.entries(row.reasons).map(
    ([reason, { count, last_at }]) => [reason, { count, lastAt: last_at }] as const,
  );
  return {
    target: { tenant: row.tenant_id, cluster: row.cluster_id },
    source: row.source,
    firstAt: row.first_at.getTime(),
    lastAt: row.last_at.getTime(),
    newestAt: row.newest_at?.getTime() ?? null,
    taken: Number(row.rows_taken),
    refused: Number(row.rows_refused),
    reasons: new Map(reasons),
  };
}

function toEntry({ target, reasons, ...counts }: Counts): SourceLogEntry {
  return {
    ...counts,
    cluster: target.cluster,
    reasons: [...latest(reasons)].map(([reason, told]) => ({ reason, ...told })),
  };
}
