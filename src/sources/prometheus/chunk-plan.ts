import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lib/clock.ts';
import type { PullWindow } from '../pull.ts';
import { CADVISOR_METRICS, OTHER_METRICS } from './metrics.ts';
import type { MetricGroup } from './selector.ts';

/**
 * How much to ask at once. The points a metric has in a second are learnt from every answer; questions then put as many
 * metrics together, or cut one metric's time so often, that about `target` points come back. Time goes forwards in spans:
 * short at first and after trouble, longer while all goes well.
 */
export interface ChunkPlan {
  /** The span that is worth doing next, from the window's start on. */
  span(window: PullWindow): PullWindow;
  /** All questions of a span. */
  chunks(span: PullWindow): Chunk[];
  /** Learns from the answer to a chunk: points by metric. */
  learn(chunk: Chunk, points: ReadonlyMap<string, number>): void;
  /** A span was done with so many questions. */
  spanDone(questions: number): void;
  /** The upstream was too slow. */
  slowDown(): void;
}

export interface Chunk {
  readonly group: MetricGroup;
  readonly window: PullWindow;
}

const SPAN_MS_FIRST = MINUTE_MS;
const SPAN_MS_MIN = 10 * SECOND_MS;
const SPAN_MS_MAX = HOUR_MS;
/** More questions than that make a span longer than what one would like to repeat after a failure. */
const QUESTIONS_PER_SPAN_MAX = 60;
/** A chunk of less time is not cut any further: it holds hardly more than one scrape. */
const CHUNK_MS_MIN = SECOND_MS;
const TARGET_MIN = 500;
/** A metric that was not seen yet may appear at any time. */
const POINTS_PER_MS_MIN = 1 / MINUTE_MS;
const GROWTH = 1.25;

export function createChunkPlan(samplesMax: number): ChunkPlan {
  return new LearningPlan(samplesMax);
}

/** Both halves of what was too much to ask at once: of its metrics, else of its time; `undefined` where it is one instant of one metric. */
export function halves({ group, window }: Chunk): [Chunk, Chunk] | undefined {
  const { metrics, matcher } = group;
  if (metrics.length > 1) {
    const middle = Math.ceil(metrics.length / 2);
    const part = (from: number, to?: number) => ({ group: { metrics: metrics.slice(from, to), matcher }, window });
    return [part(0, middle), part(middle)];
  }
  const { from, to } = window;
  const middle = from + Math.floor((to - from) / 2);
  if (middle - from < CHUNK_MS_MIN) return undefined;
  return [
    { group, window: { from, to: middle } },
    { group, window: { from: middle, to } },
  ];
}

class LearningPlan implements ChunkPlan {
  readonly #targetMax: number;
  #target: number;
  #spanMs = SPAN_MS_FIRST;
  /** Points in a millisecond, by metric. */
  readonly #rates = new Map<string, number>();

  constructor(samplesMax: number) {
    this.#targetMax = samplesMax / 2;
    this.#target = this.#targetMax;
  }

  span({ from, to }: PullWindow): PullWindow {
    return { from, to: Math.min(to, from + this.#spanMs) };
  }

  chunks(span: PullWindow): Chunk[] {
    return [
      ...this.#chunksOf({ metrics: CADVISOR_METRICS, matcher: 'pod!=""' }, span),
      ...this.#chunksOf({ metrics: OTHER_METRICS, matcher: '' }, span),
    ];
  }

  #chunksOf({ metrics, matcher }: MetricGroup, window: PullWindow): Chunk[] {
    const chunks: Chunk[] = [];
    let together: string[] = [];
    let expected = 0;
    const flush = () => {
      if (together.length > 0) chunks.push({ group: { metrics: together, matcher }, window });
      together = [];
      expected = 0;
    };
    for (const metric of metrics) {
      const points = this.#expected(metric, window);
      if (points > this.#target) {
        for (const part of cut(window, Math.ceil(points / this.#target))) {
          chunks.push({ group: { metrics: [metric], matcher }, window: part });
        }
        continue;
      }
      if (expected + points > this.#target) flush();
      together.push(metric);
      expected += points;
    }
    flush();
    return chunks;
  }

  #expected(metric: string, { from, to }: PullWindow): number {
    return Math.max(this.#rates.get(metric) ?? 0, POINTS_PER_MS_MIN) * (to - from);
  }

  learn({ group, window }: Chunk, points: ReadonlyMap<string, number>): void {
    const ms = window.to - window.from;
    for (const metric of group.metrics) {
      const rate = (points.get(metric) ?? 0) / ms;
      // What was seen a moment ago may come back; what grew is believed at once.
      this.#rates.set(metric, Math.max(rate, (this.#rates.get(metric) ?? 0) / 2));
    }
    this.#target = Math.min(this.#target * GROWTH, this.#targetMax);
  }

  spanDone(questions: number): void {
    this.#spanMs =
      questions > QUESTIONS_PER_SPAN_MAX
        ? Math.max(this.#spanMs / 2, SPAN_MS_MIN)
        : Math.min(this.#spanMs * 2, SPAN_MS_MAX);
  }

  slowDown(): void {
    this.#target = Math.max(this.#target / 4, TARGET_MIN);
    this.#spanMs = Math.max(this.#spanMs / 4, SPAN_MS_MIN);
  }
}

/** `window` in `count` parts of about one length, none shorter than a chunk may be. */
function cut({ from, to }: PullWindow, count: number): PullWindow[] {
  const parts = Math.max(1, Math.min(count, Math.floor((to - from) / CHUNK_MS_MIN)));
  const edge = (index: number) => from + Math.floor(((to - from) * index) / parts);
  return Array.from({ length: parts }, (_, index) => ({ from: edge(index), to: edge(index + 1) }));
}
