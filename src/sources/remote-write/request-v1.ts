import type { Series } from '../../core/series.ts';
import { LABEL_LIMITS, type RawLabel, type ReadLabels, readLabels, textBetween } from './labels.ts';
import { hashBytes, type Lanes } from './lanes.ts';
import { ProtoReader } from './proto-reader.ts';
import type { SeriesBook } from './series-book.ts';
import { type SeriesTags, SeriesTail } from './series-tail.ts';
import type { WriteSink } from './write-sink.ts';

/** `prometheus.WriteRequest`, remote write 1.0: every series brings its labels, name and value, as text. */
const SERIES = (1 << 3) | 2;
const LABEL = (1 << 3) | 2;
const LABEL_NAME = (1 << 3) | 2;
const LABEL_VALUE = (2 << 3) | 2;
const TAGS: SeriesTags = {
  labels: [LABEL],
  sample: (2 << 3) | 2,
  exemplar: (3 << 3) | 2,
  histogram: (4 << 3) | 2,
};

/** `__name__` as two words of four bytes, for a look instead of a text. */
const METRIC_NAME_BYTES = 8;
const METRIC_NAME = new DataView(new Uint8Array(Buffer.from('__name__')).buffer);
const [METRIC_NAME_HEAD, METRIC_NAME_TAIL] = [METRIC_NAME.getInt32(0, true), METRIC_NAME.getInt32(4, true)];

/** Whose request it is, what is known of its series, and where its samples go. */
export interface WriteContext {
  readonly owner: string;
  readonly book: SeriesBook;
  readonly sink: WriteSink;
}

/** Throws `invalid_payload` where the request is no protobuf of this kind, `limit_exceeded` where it holds too much. */
export function readRequestV1(bytes: Buffer, context: WriteContext): void {
  const reader = new ProtoReader(bytes);
  const requestReader = new RequestV1(reader, context);
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === SERIES) requestReader.readSeries();
    else reader.skip(tag);
  }
}

class RequestV1 {
  readonly #reader: ProtoReader;
  readonly #context: WriteContext;
  readonly #tail: SeriesTail;
  readonly #lanes: Lanes = { a: 0, b: 0 };
  /** Where the labels of the series at hand are. */
  #labelsStart = 0;
  #labelsEnd = 0;
  /** Where its metric is; -1 where it was not found. */
  #metricStart = -1;
  #metricEnd = -1;

  constructor(reader: ProtoReader, context: WriteContext) {
    this.#reader = reader;
    this.#context = context;
    this.#tail = new SeriesTail({ reader, sink: context.sink, tags: TAGS, tell: () => this.#told() });
  }

  readSeries(): void {
    this.#context.sink.seriesSeen();
    const reader = this.#reader;
    const outer = reader.end;
    const end = reader.limit();
    reader.end = end;
    this.#labelsStart = reader.at;
    this.#passLabels(end);
    this.#labelsEnd = reader.at;
    if (this.#isKept()) this.#keep();
    else this.#tail.drop();
    reader.end = outer;
  }

  /** Moves to the end of the labels, and notes where the metric is. All senders put labels first and together. */
  #passLabels(end: number): void {
    const reader = this.#reader;
    this.#metricStart = -1;
    while (reader.at < end && reader.view.getUint8(reader.at) === LABEL) {
      reader.at += 1;
      const labelEnd = reader.limit();
      if (this.#metricStart === -1) this.#noteMetric(labelEnd);
      reader.at = labelEnd;
    }
  }

  /** Sees the metric where its label is written as every encoder writes it: the name, then the value, and nothing else. */
  #noteMetric(labelEnd: number): void {
    const reader = this.#reader;
    const { at, view } = reader;
    const valueAt = at + 2 + METRIC_NAME_BYTES;
    if (valueAt + 2 > labelEnd) return;
    if (view.getUint8(at) !== LABEL_NAME || view.getUint8(at + 1) !== METRIC_NAME_BYTES) return;
    if (view.getInt32(at + 2, true) !== METRIC_NAME_HEAD || view.getInt32(at + 6, true) !== METRIC_NAME_TAIL) return;
    if (view.getUint8(valueAt) !== LABEL_VALUE) return;
    reader.at = valueAt + 1;
    const valueEnd = reader.limit();
    if (valueEnd !== labelEnd || reader.at === valueEnd) return;
    this.#metricStart = reader.at;
    this.#metricEnd = valueEnd;
  }

  /** A series whose metric was not seen is kept for now: all its labels are read then. */
  #isKept(): boolean {
    const { book, owner } = this.#context;
    const start = this.#metricStart;
    const end = this.#metricEnd;
    if (start === -1) return true;
    const { bytes, view } = this.#reader;
    const lanes = this.#lanes;
    hashBytes(view, start, end, lanes);
    return book.keeps(lanes, owner) ?? book.learnMetric(lanes, owner, bytes.toString('utf8', start, end));
  }

  #keep(): void {
    const { book, owner } = this.#context;
    const lanes = this.#lanes;
    hashBytes(this.#reader.view, this.#labelsStart, this.#labelsEnd, lanes);
    const known = book.find(lanes, owner);
    if (known) {
      this.#tail.read(known, undefined);
      return;
    }
    const learnt = book.learn(lanes, owner, this.#readLabels());
    this.#tail.read(learnt.known, learnt.series);
  }

  /** The series at hand, all of it. */
  #told(): Series {
    return this.#context.book.told(this.#readLabels().labels ?? []);
  }

  #readLabels(): ReadLabels {
    return readLabelBlock(this.#reader.bytes, this.#labelsStart, this.#labelsEnd);
  }
}

/** The labels between `start` and `end` of a request. */
function readLabelBlock(bytes: Buffer, start: number, end: number): ReadLabels {
  if (end - start > LABEL_LIMITS.bytes) {
    return { fault: `${end - start} bytes of labels; at most ${LABEL_LIMITS.bytes}` };
  }
  const reader = new ProtoReader(bytes);
  reader.at = start;
  reader.end = end;
  const labels: RawLabel[] = [];
  while (reader.at < end && labels.length <= LABEL_LIMITS.labels) {
    reader.tag();
    labels.push(readLabel(reader));
  }
  return readLabels(labels);
}

function readLabel(reader: ProtoReader): RawLabel {
  const outer = reader.end;
  const end = reader.limit();
  reader.end = end;
  let name: string | null = '';
  let value: string | null = '';
  while (reader.at < end) {
    const tag = reader.tag();
    if (tag === LABEL_NAME) name = readText(reader);
    else if (tag === LABEL_VALUE) value = readText(reader);
    else reader.skip(tag);
  }
  reader.end = outer;
  return [name, value];
}

function readText(reader: ProtoReader): string | null {
  const end = reader.limit();
  const text = textBetween(reader.bytes, reader.at, end);
  reader.at = end;
  return text;
}
