import type { SampleBatch } from '../core/samples.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import { ColumnBuffer } from './column-buffer.ts';
import type { IntakeTarget } from './intake.ts';
import { PointTable } from './point-table.ts';
import {
  BALANCER_COLUMNS,
  CONTAINER_COLUMNS,
  FACT_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  type SampleColumn,
  SERVICE_COLUMNS,
  VOLUME_COLUMNS,
} from './sample-columns.ts';
import { SeriesTable } from './series-table.ts';
import type { Table } from './table.ts';
import type { ToldSeries } from './told-series.ts';

/** The rows of many batches on their way into one insert, and those who wait for it. */
export class Group {
  readonly #series: SeriesTable;
  /** In the order they are written: series before their points, so that no point is of a series that was not told. */
  readonly #tables: readonly Table[];
  readonly #outcome = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  #batches = 0;
  #ripe = false;

  constructor({ delayMs, onRipe, told }: GroupOptions) {
    this.#series = new SeriesTable(told);
    this.#tables = [
      tableOf('container_samples', CONTAINER_COLUMNS, (batch) => batch.containers),
      tableOf('volume_samples', VOLUME_COLUMNS, (batch) => batch.volumes ?? []),
      tableOf('balancer_samples', BALANCER_COLUMNS, (batch) => batch.balancers ?? []),
      tableOf('namespace_days', NAMESPACE_COLUMNS, (batch) => batch.namespaces ?? []),
      tableOf('service_days', SERVICE_COLUMNS, (batch) => batch.services ?? []),
      tableOf('hour_facts', FACT_COLUMNS, (batch) => batch.facts ?? []),
      this.#series,
      new PointTable(),
      tableOf('node_samples', NODE_COLUMNS, (batch) => batch.nodes),
    ];
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
    return this.#tables.reduce((sum, table) => sum + table.rows(), 0);
  }

  /** Rows as the limits count them. */
  get load(): number {
    return this.#tables.reduce((sum, table) => sum + table.load(), 0);
  }

  get bytes(): number {
    return this.#tables.reduce((sum, table) => sum + table.bytes(), 0);
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
    const appends = this.#tables.map((table) => table.prepare(batch, facts));
    for (const append of appends) append();
    this.#batches += 1;
  }

  /**
   * Writes the nodes last. A node's row is what tells the rollup that its source spoke at that instant: a group that gets
   * half in adds rows that nothing covers, and never an instant at which every container seems gone. Either way the
   * caller is told to send again, and rows that are there already collapse.
   */
  async insert(columnar: Pick<Columnar, 'insertNative'>, signal: AbortSignal): Promise<void> {
    clearTimeout(this.#timer);
    for (const table of this.#tables) {
      if (table.rows() === 0) continue;
      for (const block of table.encode()) await columnar.insertNative(table.name, block, signal);
    }
  }

  succeed(): void {
    this.#series.succeed();
    this.#outcome.resolve();
  }

  fail(error: Error): void {
    this.#outcome.reject(error);
  }
}

interface GroupOptions {
  readonly delayMs: number;
  readonly onRipe: () => void;
  /** Series that the store has rows of. */
  readonly told: ToldSeries;
}

function tableOf<Row>(
  name: string,
  columns: readonly SampleColumn<Row>[],
  rowsOf: (batch: SampleBatch) => readonly Row[],
): Table {
  const buffer = new ColumnBuffer(columns);
  return {
    name,
    rows: () => buffer.rows,
    load: () => buffer.rows,
    bytes: () => buffer.bytes,
    prepare(batch, facts) {
      const prepared = buffer.prepare(rowsOf(batch), facts);
      return () => buffer.append(prepared);
    },
    encode: () => [buffer.encode()],
  };
}
