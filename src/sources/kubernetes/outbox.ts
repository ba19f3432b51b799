import { setTimeout as delay } from 'node:timers/promises';
import type {
  BalancerSample,
  ContainerSample,
  NamespaceSample,
  NodeSample,
  SampleBatch,
  ServiceSample,
  VolumeSample,
} from '../../core/samples.ts';
import { MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import type { WatchObserver } from './observer.ts';

/**
 * Samples on their way to whoever keeps them. What is not taken is offered again until it is; a sample told twice before it
 * is taken is kept once. At most `rowsMax` wait: beyond that heartbeats are dropped, oldest first, since the next one says
 * nearly the same; starts and ends only when nothing else is left. What is refused for good (it would be refused again) is
 * dropped and counted, so that it does not hold up the rest.
 *
 * Nodes go last: a node's row says that this source spoke of that instant, and the rollup would take a container whose row
 * is not there yet for gone.
 */
export interface Outbox {
  changed(sample: ContainerSample): void;
  beat(batch: Beat): void;
  /** Sends whatever waits, as it comes; runs until the signal aborts, then tries once more for `LAST_SEND_MS`. */
  run(signal: AbortSignal): Promise<void>;
}

/** All that is said at one instant of the clock. */
export interface Beat {
  readonly containers: readonly ContainerSample[];
  readonly nodes: readonly NodeSample[];
  readonly volumes: readonly VolumeSample[];
  readonly balancers: readonly BalancerSample[];
  readonly namespaces?: readonly NamespaceSample[];
  readonly services?: readonly ServiceSample[];
}

/** Resolves when the batch is durable, or as good as that. */
export type SampleSink = (batch: SampleBatch, signal: AbortSignal) => Promise<void>;

export interface OutboxDeps {
  readonly sink: SampleSink;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly observe: Pick<WatchObserver, 'waiting' | 'sent' | 'dropped'>;
  readonly limits?: Partial<OutboxLimits>;
}

export interface OutboxLimits {
  /** Rows that may wait: some 300 bytes each. */
  readonly rowsMax: number;
  readonly batchRowsMax: number;
  /** How long a change waits for others to go with. */
  readonly gatherMs: number;
  readonly retryMs: number;
  readonly retryMsMax: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  rowsMax: 100_000,
  batchRowsMax: 5_000,
  gatherMs: SECOND_MS,
  retryMs: SECOND_MS,
  retryMsMax: MINUTE_MS,
};

const SEND_TIMEOUT_MS = 60 * SECOND_MS;
const LAST_SEND_MS = 5 * SECOND_MS;

/** Rows of a beat in pieces, the last of them with its nodes. */
interface Piece {
  readonly batch: SampleBatch;
  readonly rows: number;
}

export function createOutbox({ limits, ...deps }: OutboxDeps): Outbox {
  return new Queue(deps, { ...OUTBOX_LIMITS, ...limits });
}

class Queue implements Outbox {
  readonly #deps: Omit<OutboxDeps, 'limits'>;
  readonly #limits: OutboxLimits;
  /** By pod, container and instant. */
  readonly #changes = new Map<string, ContainerSample>();
  readonly #beats: Piece[] = [];
  #beatRows = 0;
  #wake = Promise.withResolvers<void>();

  constructor(deps: Omit<OutboxDeps, 'limits'>, limits: OutboxLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  changed(sample: ContainerSample): void {
    this.#changes.set(`${sample.podUid}/${sample.container}/${sample.at}`, sample);
    this.#bound();
  }

  beat(beat: Beat): void {
    for (const piece of piecesOf(beat, this.#limits.batchRowsMax)) {
      this.#beats.push(piece);
      this.#beatRows += piece.rows;
    }
    this.#bound();
  }

  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      if (this.#rows === 0) await this.#woken(signal);
      else await pause(this.#limits.gatherMs, signal);
      if (signal.aborted) break;
      failures = (await this.#sendAll(signal)) ? 0 : failures + 1;
      if (failures > 0) await pause(this.#retryMs(failures), signal);
    }
    if (this.#rows > 0) await this.#sendAll(AbortSignal.timeout(LAST_SEND_MS));
  }

  get #rows(): number {
    return this.#changes.size + this.#beatRows;
  }

  async #woken(signal: AbortSignal): Promise<void> {
    const stop = () => this.#wake.resolve();
    signal.addEventListener('abort', stop, { once: true });
    await this.#wake.promise;
    signal.removeEventListener('abort', stop);
  }

  /** Changes first, they are what nothing else can tell. Whether all was taken. */
  async #sendAll(signal: AbortSignal): Promise<boolean> {
    this.#wake = Promise.withResolvers();
    while (this.#changes.size > 0) {
      const entries = [...this.#changes].slice(0, this.#limits.batchRowsMax);
      const containers = entries.map(([, sample]) => sample);
      if (!(await this.#send({ source: 'kubernetes', containers, nodes: [] }, containers.length, signal))) return false;
      for (const [key, sample] of entries) if (this.#changes.get(key) === sample) this.#changes.delete(key);
    }
    for (let piece = this.#beats[0]; piece; piece = this.#beats[0]) {
      if (!(await this.#send(piece.batch, piece.rows, signal))) return false;
      if (this.#beats[0] === piece) this.#dropBeat();
    }
    this.#deps.observe.waiting(0);
    return true;
  }

  /** Whether it is dealt with: taken, or refused for good. */
  async #send(batch: SampleBatch, rows: number, signal: AbortSignal): Promise<boolean> {
    const { sink, log, observe } = this.#deps;
    try {
      await sink(batch, AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]));
      observe.sent(rows);
      return true;
    } catch (error) {
      if (error instanceof AppError && !error.retry && !signal.aborted) {
        observe.dropped(rows, 'refused');
        log.error({ error, rows }, 'samples of the Kubernetes API were refused and are dropped');
        return true;
      }
      if (!signal.aborted) log.warn({ error, waiting: this.#rows }, 'samples of the Kubernetes API wait to be taken');
      return false;
    }
  }

  #bound(): void {
    const { rowsMax } = this.#limits;
    const { observe, log } = this.#deps;
    const before = this.#rows;
    while (this.#rows > rowsMax && this.#beats.length > 0) this.#dropBeat();
    for (const key of this.#changes.keys()) {
      if (this.#rows <= rowsMax) break;
      this.#changes.delete(key);
    }
    const dropped = before - this.#rows;
    if (dropped > 0) {
      observe.dropped(dropped, 'full');
      log.warn({ dropped, rowsMax }, 'too many samples of the Kubernetes API wait: the oldest are dropped');
    }
    observe.waiting(this.#rows);
    this.#wake.resolve();
  }

  #dropBeat(): void {
    this.#beatRows -= this.#beats.shift()?.rows ?? 0;
  }

  #retryMs(failures: number): number {
    const { retryMs, retryMsMax } = this.#limits;
    return Math.min(retryMs * 2 ** Math.min(failures - 1, 30), retryMsMax) * (1 - Math.random() / 2);
  }
}

function piecesOf({ containers, namespaces = [], services = [], ...rest }: Beat, rowsMax: number): Piece[] {
  const of = (batch: Partial<SampleBatch>, rows: number): Piece => ({
    batch: { source: 'kubernetes', containers: [], nodes: [], ...batch },
    rows,
  });
  const pieces = [
    ...slices(containers, rowsMax).map((some) => of({ containers: some }, some.length)),
    ...slices(namespaces, rowsMax).map((some) => of({ namespaces: some }, some.length)),
    ...slices(services, rowsMax).map((some) => of({ services: some }, some.length)),
  ];
  const rows = rest.nodes.length + rest.volumes.length + rest.balancers.length;
  return rows > 0 ? [...pieces, of(rest, rows)] : pieces;
}

function slices<T>(rows: readonly T[], rowsMax: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(rows.length / rowsMax) }, (_, index) =>
    rows.slice(index * rowsMax, (index + 1) * rowsMax),
  );
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
