import { type LabelSet, type Series, toSeries } from '../../core/series.ts';
import { AppError } from '../../lib/errors.ts';
import type { PulledPiece, PullSource, PullWindow } from '../pull.ts';
import { withoutSecrets } from '../without-secrets.ts';
import { type Chunk, type ChunkPlan, createChunkPlan, halves } from './chunk-plan.ts';
import { type MatrixSink, type PointSink, readMatrix } from './matrix.ts';
import { PointColumns } from './point-columns.ts';
import { ask, type QueryApiOptions } from './query-api.ts';
import { rangeQuestion } from './selector.ts';

export interface PrometheusPullOptions extends QueryApiOptions {
  /** Labels that the series must have. */
  readonly selector: Readonly<Record<string, string>>;
  /** Labels that name a series' cluster: the first that it has. */
  readonly clusterLabels: readonly string[];
  /** Labels that tell replicas of one Prometheus apart: left out of the series. */
  readonly replicaLabels: readonly string[];
}

/** What one batch for the intake holds at most. */
const POINTS_PER_BATCH_MAX = 100_000;

/**
 * Pulls raw points from Prometheus, Thanos Query, Mimir or VictoriaMetrics, one question at a time. Each span of time is
 * asked for metric by metric; it is done when the answer to the last of its questions is durable.
 */
export function createPrometheusPull(options: PrometheusPullOptions): PullSource {
  const plan = createChunkPlan(options.samplesMax);
  return {
    source: 'prometheus',
    async *pull(window, signal) {
      let from = window.from;
      while (from < window.to) {
        const span = plan.span({ from, to: window.to });
        yield* pullSpan(span, { options, plan, signal });
        from = span.to;
      }
    },
  };
}

interface SpanContext {
  readonly options: PrometheusPullOptions;
  readonly plan: ChunkPlan;
  readonly signal: AbortSignal;
}

async function* pullSpan(span: PullWindow, context: SpanContext): AsyncGenerator<PulledPiece> {
  const { plan } = context;
  const waiting = plan.chunks(span);
  let questions = 0;
  for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
    questions += 1;
    const read = await pullChunk(chunk, context);
    if (read) {
      if (waiting.length === 0) plan.spanDone(questions);
      yield { ...read, through: waiting.length === 0 ? span.to : span.from };
    } else waiting.unshift(...(halves(chunk) ?? []));
  }
}

/** `undefined` where it was too much to ask at once. */
async function pullChunk(
  chunk: Chunk,
  { options, plan, signal }: SpanContext,
): Promise<Omit<PulledPiece, 'through'> | undefined> {
  const answer = await ask(rangeQuestion(chunk.group, chunk.window, options.selector), options, signal);
  if (answer.kind === 'timeout') {
    plan.slowDown();
    throw new AppError(
      'upstream_unavailable',
      `the upstream is too slow: ${answer.why}; it is asked for less next time`,
    );
  }
  if (answer.kind === 'too-large') {
    if (halves(chunk)) return undefined;
    const message = `cannot pull ${chunk.group.metrics.join(', ')}: ${answer.why}, and it is one instant; raise samplesPerQueryMax and responseBytesMax, or divide it among several pulls by their selectors`;
    throw new AppError('upstream_refused', message);
  }
  const reader = new AnswerReader(options);
  const summary = readMatrix(answer.bytes, chunk.window, reader);
  if (summary.status !== 'success') {
    const said = told(`${summary.errorType} ${summary.error}`.trim(), options);
    throw new AppError('upstream_refused', `the upstream answered status "${summary.status.slice(0, 50)}": ${said}`);
  }
  const warnings = summary.warnings.map((warning) => told(warning, options));
  if (warnings.length > 0 && !options.partialResponse) {
    throw new AppError('upstream_unavailable', `the upstream calls its own answer incomplete: ${warnings.join('; ')}`);
  }
  plan.learn(chunk, reader.pointsByMetric);
  return { batches: reader.batches(), refused: summary.refused, warnings };
}

const SAID_CHARS_MAX = 300;

/** What an upstream says of its answer, as we may repeat it. */
function told(text: string, { headers }: Pick<QueryApiOptions, 'headers'>): string {
  return withoutSecrets(text, headers).slice(0, SAID_CHARS_MAX);
}

/** Sorts the points of an answer by the cluster that their series are of. */
class AnswerReader implements MatrixSink {
  readonly pointsByMetric = new Map<string, number>();
  readonly #clusterLabels: readonly string[];
  readonly #replicaLabels: ReadonlySet<string>;
  readonly #clusters = new Map<string | null, PointColumns>();
  #open: { readonly series: Series; readonly columns: PointColumns; readonly from: number } | undefined;

  constructor({ clusterLabels, replicaLabels }: Pick<PrometheusPullOptions, 'clusterLabels' | 'replicaLabels'>) {
    this.#clusterLabels = clusterLabels;
    this.#replicaLabels = new Set(replicaLabels);
  }

  series(labels: LabelSet): PointSink {
    const columns = this.#columnsOf(this.#clusterOf(labels));
    this.#open = { series: toSeries(this.#withoutReplica(labels)), columns, from: columns.length };
    return columns;
  }

  endSeries(): void {
    if (!this.#open) return;
    const { series, columns, from } = this.#open;
    columns.endSeries(series);
    const { metric } = series;
    this.pointsByMetric.set(metric, (this.pointsByMetric.get(metric) ?? 0) + columns.length - from);
    this.#open = undefined;
  }

  batches(): PulledPiece['batches'] {
    return [...this.#clusters].flatMap(([clusterName, columns]) =>
      Array.from(columns.blocks(POINTS_PER_BATCH_MAX), (points) => ({
        clusterName,
        batch: { source: 'prometheus' as const, containers: [], nodes: [], points },
      })),
    );
  }

  #withoutReplica(labels: LabelSet): LabelSet {
    const names = Object.keys(labels);
    if (!names.some((name) => this.#replicaLabels.has(name))) return labels;
    return Object.fromEntries(Object.entries(labels).filter(([name]) => !this.#replicaLabels.has(name)));
  }

  #clusterOf(labels: LabelSet): string | null {
    for (const name of this.#clusterLabels) {
      const cluster = labels[name];
      if (cluster) return cluster;
    }
    return null;
  }

  #columnsOf(cluster: string | null): PointColumns {
    const known = this.#clusters.get(cluster);
    if (known) return known;
    const columns = new PointColumns();
    this.#clusters.set(cluster, columns);
    return columns;
  }
}
