import type { SampleBatch } from '../core/samples.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { PulledPiece, PullSource } from '../sources/pull.ts';
import type { ClusterDirectory } from '../store/relational/cluster-directory.ts';
import type { JobState } from '../store/relational/job-state.ts';
import type { Lease } from '../store/relational/leases.ts';
import type { SourceLog } from '../store/relational/source-log.ts';
import type { Tenants } from '../store/relational/tenants.ts';
import type { LeasedJob } from './leased-loop.ts';
import type { PullObserver } from './pull-metrics.ts';
import {
  advanced,
  firstProgress,
  nextTask,
  PullProgress,
  type PullTask,
  type PullTimes,
  withAgain,
} from './pull-progress.ts';
import { storeAhead } from './store-ahead.ts';

/**
 * Asks one upstream again and again, and keeps how far it came.
 *
 * The progress is written only when the rows before it are durable, under the fence of the lease. So a crash, a lease
 * that was taken over and a full intake all cost the same: a piece is asked for once more, and its rows collapse with
 * those that are there already.
 */
export interface PullJobDeps {
  readonly intake: PullIntake;
  readonly tenants: Pick<Tenants, 'getByName'>;
  readonly clusters: ClusterDirectory;
  readonly sourceLog: Pick<SourceLog, 'note'>;
  readonly jobState: JobState;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observe?: PullObserver;
}

/** What a pull needs of the intake: resolves when the batch is durable. */
export interface PullIntake {
  accept(target: { tenant: string; cluster: string }, batch: SampleBatch, signal?: AbortSignal): Promise<void>;
}

export interface Pull {
  /** Unique among all pulls. */
  readonly name: string;
  /** By name. */
  readonly tenant: string;
  /** The cluster of everything that it brings; `null` where the upstream names it. */
  readonly cluster: string | null;
  /** The cluster of what nobody names. */
  readonly clusterDefault: string;
  readonly source: PullSource;
  readonly times: PullTimes;
}

/** Pieces that are on their way into the store while the next is fetched. */
const PIECES_AHEAD_MAX = 2;
const RETRY_MS = 5 * SECOND_MS;
const RETRY_MS_MAX = 5 * MINUTE_MS;
/** A refusal does not mend itself: asked again only so that nobody has to restart anything once it is mended. */
const REFUSED_MS = 5 * MINUTE_MS;
const RETRY_AFTER_MS_MAX = 60 * MINUTE_MS;

/** Under this name the lease is held and `PullProgress` is kept in the job state. */
export function pullStateName(pull: string): string {
  return `pull:${pull}`;
}

export function createPullJob(pull: Pull, deps: PullJobDeps): LeasedJob {
  const name = pullStateName(pull.name);
  return {
    name,
    async run(lease, signal) {
      const run = new PullRun({ pull, deps, lease, signal }, await progressOf(pull, deps));
      return run.once();
    },
  };
}

async function progressOf(pull: Pull, { jobState, clock }: PullJobDeps): Promise<PullProgress> {
  const stored = PullProgress.safeParse(await jobState.get(pullStateName(pull.name)));
  return stored.success ? stored.data : firstProgress(clock.now(), pull.times);
}

interface RunContext {
  readonly pull: Pull;
  readonly deps: PullJobDeps;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

/** One window of one pull. */
class PullRun {
  readonly #context: RunContext;
  #progress: PullProgress;

  constructor(context: RunContext, progress: PullProgress) {
    this.#context = context;
    this.#progress = progress;
  }

  /** Returns how long to wait until the next, in milliseconds. */
  async once(): Promise<number> {
    const { pull, deps, signal } = this.#context;
    const now = deps.clock.now();
    this.#progress = withAgain(this.#progress, now, pull.times);
    const task = nextTask(this.#progress, now, pull.times);
    this.#observeLag();
    if (!task) return pull.times.intervalMs;
    try {
      await this.#work(task);
      return this.#dueNow() ? 0 : pull.times.intervalMs;
    } catch (error) {
      if (signal.aborted) throw error;
      return await this.#failed(error);
    }
  }

  async #work(task: PullTask): Promise<void> {
    const { pull, deps, signal } = this.#context;
    const tenant = await deps.tenants.getByName(pull.tenant);
    if (!tenant) throw new AppError('not_found', `cannot pull "${pull.name}": there is no tenant "${pull.tenant}"`);
    let isWhole = true;
    await storeAhead(pull.source.pull(task.window, signal), {
      aheadMax: PIECES_AHEAD_MAX,
      store: (piece) => this.#store(tenant.id, piece),
      stored: async (piece) => {
        this.#count(piece);
        await this.#advance(task, piece.through);
        // What is new does not wait for the rest of the past: it goes on from here in a later run.
        isWhole = task.part === 'new' || this.#dueNow()?.part !== 'new';
        return isWhole;
      },
    });
    if (isWhole) await this.#advance(task, task.window.to);
  }

  async #store(tenant: string, { batches, through, refused }: PulledPiece): Promise<void> {
    const { pull, deps, signal } = this.#context;
    const stored = batches.map(async ({ clusterName, batch }, index) => {
      const { id } = await deps.clusters.resolve(tenant, pull.cluster ?? clusterName ?? pull.clusterDefault);
      const target = { tenant, cluster: id };
      await deps.intake.accept(target, batch, signal);
      // What was refused is of the piece, not of a cluster: told with the first.
      const note = { taken: rowsOf(batch), refused: index === 0 ? refused : {}, newestAt: through };
      deps.sourceLog.note(target, batch.source, note);
    });
    await allOf(stored);
  }

  #count({ batches, refused, warnings }: PulledPiece): void {
    const { pull, deps } = this.#context;
    const rows = batches.reduce((sum, { batch }) => sum + rowsOf(batch), 0);
    this.#progress = { ...this.#progress, rows: this.#progress.rows + rows };
    deps.observe?.pulled(pull.name, { rows, refused, warnings: warnings.length });
    if (warnings.length > 0) {
      deps.log.info({ pull: pull.name, warnings }, 'the upstream says something about its answer');
    }
  }

  async #advance({ part }: PullTask, through: number): Promise<void> {
    const { clock } = this.#context.deps;
    this.#progress = {
      ...advanced(this.#progress, part, through),
      lastSuccessAt: clock.now(),
      lastError: null,
      failures: 0,
    };
    await this.#save();
    this.#observeLag();
  }

  async #failed(error: unknown): Promise<number> {
    const { pull, deps } = this.#context;
    const known = error instanceof AppError ? error : new AppError('internal', 'the pull failed', { cause: error });
    const failures = this.#progress.failures + 1;
    const { code, message } = known;
    this.#progress = { ...this.#progress, failures, lastError: { at: deps.clock.now(), code, message } };
    const pauseMs = pauseAfter(known, failures);
    deps.observe?.failed(pull.name, code);
    deps.log.warn({ pull: pull.name, error: known, failures, pauseMs }, 'pull failed; it is tried again after a pause');
    await this.#save();
    return pauseMs;
  }

  #save(): Promise<void> {
    const { pull, deps, lease } = this.#context;
    return deps.jobState.put(pullStateName(pull.name), this.#progress, deps.clock.now(), lease);
  }

  #observeLag(): void {
    const { pull, deps } = this.#context;
    deps.observe?.lag(pull.name, (deps.clock.now() - this.#progress.through) / SECOND_MS);
  }

  /** What needs no waiting for. */
  #dueNow(): PullTask | undefined {
    const { pull, deps } = this.#context;
    const task = nextTask(this.#progress, deps.clock.now(), pull.times);
    const isLittle = task?.part === 'new' && task.window.to - task.window.from < pull.times.intervalMs;
    return isLittle ? undefined : task;
  }
}

/** With jitter, so that many pulls that failed together do not come back together. */
function pauseAfter({ code, retryAfterSeconds }: AppError, failures: number): number {
  const doubled = Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 10), RETRY_MS_MAX);
  const ownMs = code === 'upstream_refused' ? REFUSED_MS : doubled;
  const askedMs = Math.min((retryAfterSeconds ?? 0) * SECOND_MS, RETRY_AFTER_MS_MAX);
  return Math.max(ownMs * (0.5 + Math.random() / 2), askedMs);
}

/** Throws what the first failure threw, when none is under way any more. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

function rowsOf({ containers, nodes, volumes, balancers, facts, points }: SampleBatch): number {
  const lists = [containers, nodes, volumes, balancers, facts, points?.ids];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}
