import type { SampleBatch } from '../core/samples.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { ColumnBuffer } from './column-buffer.ts';
import type { IntakeTarget } from './intake.ts';
import { CONTAINER_COLUMNS, NODE_COLUMNS } from './sample-columns.ts';

/** The rows of many batches on their way into one insert, and those who wait for it. */
export class Group {
  readonly #containers = new ColumnBuffer(CONTAINER_COLUMNS);
  readonly #nodes = new ColumnBuffer(NODE_COLUMNS);
  readonly #outcome = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  #batches = 0;
  #ripe = false;

  constructor({ delayMs, onRipe }: { readonly delayMs: number; readonly onRipe: () => void }) {
    this.#timer = setTimeout(() => {
      this.#ripe = true;
      onRipe();
    }, delayMs);
    // Whoever waits hears of a failure; that nobody may wait any more is no defect.
    this.#outcome.promise.catch(() => {});
  }

  /** Has waited long enough for others. */
  get ripe(): boolean {
    return this.#ripe;
  }

  get rows(): number {
    return this.#containers.rows + this.#nodes.rows;
  }

  get bytes(): number {
    return this.#containers.bytes + this.#nodes.bytes;
  }

  get batches(): number {
    return this.#batches;
  }

  /** Settles when the group is durable, or is known not to be. */
  get outcome(): Promise<void> {
    return this.#outcome.promise;
  }

  /** Takes a batch whole or, where it throws, not at all: the rows of others in the group are not at its mercy. */
  add({ tenant, cluster }: IntakeTarget, batch: SampleBatch): void {
    const facts = { tenant, cluster, source: batch.source };
    const containers = this.#containers.prepare(batch.containers, facts);
    const nodes = this.#nodes.prepare(batch.nodes, facts);
    this.#containers.append(containers);
    this.#nodes.append(nodes);
    this.#batches += 1;
  }

  /**
   * Writes the containers and then the nodes. A node's row is what tells the rollup that its source spoke at that instant,
   * so it comes last: a group that gets half in adds rows that nothing covers, and never an instant at which every
   * container seems gone. Either way the caller is told to send again, and rows that are there already collapse.
   */
  async insert(columnar: Pick<Columnar, 'insertNative'>, signal: AbortSignal): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#containers.rows > 0) await columnar.insertNative('container_samples', this.#containers.encode(), signal);
    if (this.#nodes.rows > 0) await columnar.insertNative('node_samples', this.#nodes.encode(), signal);
  }

  succeed(): void {
    this.#outcome.resolve();
  }

  fail(error: Error): void {
    this.#outcome.reject(error);
  }
}
