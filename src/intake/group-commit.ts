import type { SampleBatch } from '../core/samples.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { abortable } from './abortable.ts';
import { Group } from './group.ts';
import type { Intake, IntakeTarget } from './intake.ts';
import { loadOfPoints } from './point-table.ts';
import { ToldSeries } from './told-series.ts';

/**
 * The intake by group commit. Small inserts cost the engine a fixed 25 ms and leave small parts, so batches that arrive
 * within `groupDelayMs` of each other, of any tenant and cluster, share one.
 *
 *     open group ──(old or large enough)──▶ waiting groups ──(one at a time)──▶ insert ──▶ callers hear of it
 *
 * - One insert is under way at any time, so rows become visible in the order of their `received_at`.
 * - Nothing is retried here: a caller whose group failed is told so and sends again, which is harmless.
 * - `queueRowsMax` and `queueBytesMax` bound all groups together, the one being written included. An engine that does
 *   not answer therefore costs a bounded amount of memory, and callers 503.
 */
export interface IntakeDeps {
  readonly columnar: Pick<Columnar, 'insertNative'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  readonly limits?: Partial<IntakeLimits>;
  readonly observe?: IntakeObserver;
}

export interface IntakeLimits {
  /** How long rows wait for others to share their insert. */
  readonly groupDelayMs: number;
  /** A group that has as many rows takes no more. Eight points of a Prometheus count as one row. */
  readonly groupRowsMax: number;
  /** A group that has as many rows waits for no more, only for its turn: their insert costs more than what sharing saves. */
  readonly groupRowsEnough: number;
  readonly queueRowsMax: number;
  /** Estimated memory of the queue. */
  readonly queueBytesMax: number;
  /** Then the engine is taken to be away. */
  readonly insertTimeoutMs: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
  groupDelayMs: 200,
  groupRowsMax: 50_000,
  groupRowsEnough: 10_000,
  queueRowsMax: 500_000,
  queueBytesMax: 256 * 2 ** 20,
  insertTimeoutMs: 20_000,
};

/** Told of what happens, for metrics. */
export interface IntakeObserver {
  queued(queue: { rows: number; bytes: number }): void;
  /** `error` where the insert failed. */
  inserted(group: { rows: number; batches: number; seconds: number; error?: AppError }): void;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const RETRY_AFTER_SECONDS_MAX = 30;

export function createIntake({ limits, ...deps }: IntakeDeps): Intake {
  return new GroupCommit(deps, { ...INTAKE_LIMITS, ...limits });
}

class GroupCommit implements Intake {
  readonly #deps: Omit<IntakeDeps, 'limits'>;
  readonly #limits: IntakeLimits;
  /** In order of arrival; the last one is open until it is full or due. */
  readonly #waiting: Group[] = [];
  readonly #told = new ToldSeries();
  #writing: Promise<void> | null = null;
  #rows = 0;
  #bytes = 0;
  #lastInsertMs = 0;
  #closed = false;

  constructor(deps: Omit<IntakeDeps, 'limits'>, limits: IntakeLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  async accept(target: IntakeTarget, batch: SampleBatch, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const rows = rowsOf(batch);
    this.#admit(target, rows);
    if (rows === 0) return;
    const group = this.#openGroup();
    const before = { load: group.load, bytes: group.bytes };
    group.add(target, batch);
    this.#hold(group.load - before.load, group.bytes - before.bytes);
    this.#writeNext();
    await abortable(group.outcome, signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#writeNext();
    while (this.#writing) await this.#writing;
  }

  /** Throws where the rows cannot be taken now, or ever. */
  #admit({ tenant, cluster }: IntakeTarget, rows: number): void {
    const { queueRowsMax, queueBytesMax } = this.#limits;
    if (!UUID.test(tenant) || !UUID.test(cluster)) throw new TypeError('cannot accept a batch: its target is no UUID');
    if (this.#closed) throw new AppError('store_unavailable', 'cannot accept samples: the server is shutting down');
    if (rows > queueRowsMax) {
      throw new AppError('limit_exceeded', `cannot accept ${rows} samples at once; at most ${queueRowsMax}`);
    }
    if (this.#rows + rows <= queueRowsMax && this.#bytes < queueBytesMax) return;
    const groupsAhead = 1 + this.#waiting.length;
    const retryAfterSeconds = Math.min(
      1 + Math.ceil((groupsAhead * this.#lastInsertMs) / 1000),
      RETRY_AFTER_SECONDS_MAX,
    );
    const message = `cannot accept ${rows} samples: ${this.#rows} are waiting to be written, at most ${queueRowsMax} may`;
    throw new AppError('intake_full', message, {
      retryAfterSeconds,
      details: { queuedRows: this.#rows, queueRowsMax },
    });
  }

  #openGroup(): Group {
    const last = this.#waiting.at(-1);
    if (last && last.load < this.#limits.groupRowsMax) return last;
    const group = new Group({
      delayMs: this.#limits.groupDelayMs,
      onRipe: () => this.#writeNext(),
      told: this.#told,
    });
    this.#waiting.push(group);
    return group;
  }

  #hold(rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    this.#deps.observe?.queued({ rows: this.#rows, bytes: this.#bytes });
  }

  /** Starts writing the first group, unless one is being written or it had better wait for more rows. */
  #writeNext(): void {
    const [first] = this.#waiting;
    if (!first || this.#writing) return;
    const { groupRowsEnough, groupRowsMax } = this.#limits;
    if (!first.ripe && first.load < Math.min(groupRowsEnough, groupRowsMax) && !this.#closed) return;
    this.#waiting.shift();
    this.#writing = this.#write(first).finally(() => {
      this.#writing = null;
      this.#hold(-first.load, -first.bytes);
      this.#writeNext();
    });
  }

  /** Never rejects: the outcome is for the callers of the group. */
  async #write(group: Group): Promise<void> {
    const { columnar, clock, observe } = this.#deps;
    const startedAt = clock.now();
    const error = await this.#insert(group, columnar);
    this.#lastInsertMs = clock.now() - startedAt;
    if (error) group.fail(error);
    else group.succeed();
    const { rows, batches } = group;
    observe?.inserted({ rows, batches, seconds: this.#lastInsertMs / 1000, ...(error && { error }) });
    if (error) this.#deps.log.warn({ rows, batches, error }, 'samples were not written; their senders were told');
  }

  async #insert(group: Group, columnar: IntakeDeps['columnar']): Promise<AppError | null> {
    const { insertTimeoutMs } = this.#limits;
    const signal = AbortSignal.timeout(insertTimeoutMs);
    try {
      await abortable(group.insert(columnar, signal), signal);
      return null;
    } catch (error) {
      if (error instanceof AppError && error.retry) return error;
      const reason = signal.aborted ? `no answer in ${insertTimeoutMs} ms` : 'the store refused them';
      const message = `cannot write ${group.rows} samples: ${reason}`;
      return new AppError('store_unavailable', message, { cause: error });
    }
  }
}

/** Rows that a batch may become, as the limits count them; series that were told before become none. */
function rowsOf({ points, ...batch }: SampleBatch): number {
  const { containers, nodes, volumes, balancers, namespaces, services, facts } = batch;
  const lists = [containers, nodes, volumes, balancers, namespaces, services, facts, points?.series];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), loadOfPoints(points?.ids.length ?? 0));
}
