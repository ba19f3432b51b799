import type { Series } from '../../core/series.ts';
import { LABEL_LIMITS, type ReadLabels, readLabels, textBetween } from './labels.ts';
import { addLanes, finishLanes, hashBytes, type Lanes, startLanes } from './lanes.ts';
import { malformed, ProtoReader } from './proto-reader.ts';
import type { WriteContext } from './request-v1.ts';
import { type SeriesTags, SeriesTail } from './series-tail.ts';

/** `io.prometheus.write.v2.Request`, remote write 2.0: texts are told once, and series refer to them by number. */
const SYMBOL = (4 << 3) | 2;
const SERIES = (5 << 3) | 2;
const LABEL_REFS = (1 << 3) | 2;
const LABEL_REF = 1 << 3;
const TAGS: SeriesTags = {
  labels: [LABEL_REFS, LABEL_REF],
  sample: (2 << 3) | 2,
  histogram: (3 << 3) | 2,
  exemplar: (4 << 3) | 2,
};

/** More than the texts of the largest request that is taken. */
const SYMBOLS_MAX = 1_000_000;
/** Tells these lanes apart from those of label blocks of version 1, in the same table. */
const VERSION_LANE = 2;

/** Throws `invalid_payload` where the request is no protobuf of this kind, `limit_exceeded` where it holds too much. */
export function readRequestV2(bytes: Buffer, context: WriteContext): void {
  const reader = new ProtoReader(bytes);
  const symbols = readSymbols(reader);
  const request = new RequestV2(reader, symbols, context);
  reader.at = 0;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === SERIES) request.readSeries();
    else reader.skip(tag);
  }
}

/** The texts of a request: where each is, and its hash. */
class Symbols {
  readonly #bytes: Buffer;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly lanesA: number[] = [];
  readonly lanesB: number[] = [];
  /** The number of `__name__`; -1 where it is not there. */
  metricName = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get count(): number {
    return this.#starts.length;
  }

  add(start: number, end: number, { a, b }: Lanes): void {
    if (this.metricName === -1 && end - start === 8 && this.#bytes.toString('latin1', start, end) === '__name__') {
      this.metricName = this.count;
    }
    this.#starts.push(start);
    this.#ends.push(end);
    this.lanesA.push(a);
    this.lanesB.push(b);
  }

  of(number: number): string | null {
    return textBetween(this.#bytes, this.#starts[number] ?? 0, this.#ends[number] ?? 0);
  }

  /** In bytes. */
  lengthOf(number: number): number {
    return (this.#ends[number] ?? 0) - (this.#starts[number] ?? 0);
  }
}

/** All texts first: nothing says that they come before the series. */
function readSymbols(reader: ProtoReader): Symbols {
  const symbols = new Symbols(reader.bytes);
  const lanes = { a: 0, b: 0 };
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag !== SYMBOL) {
      reader.skip(tag);
      continue;
    }
    const end = reader.limit();
    hashBytes(reader.view, reader.at, end, lanes);
    symbols.add(reader.at, end, lanes);
    reader.at = end;
    if (symbols.count > SYMBOLS_MAX) throw malformed(`it has more than ${SYMBOLS_MAX} symbols`);
  }
  if (symbols.count > 0 && symbols.lengthOf(0) > 0) throw malformed('its first symbol is not empty');
  return symbols;
}

class RequestV2 {
  readonly #reader: ProtoReader;
  readonly #symbols: Symbols;
  readonly #context: WriteContext;
  readonly #tail: SeriesTail;
  readonly #lanes: Lanes = { a: 0, b: 0 };
  /** Numbers of the texts of the series at hand: name, value, name, value. */
  readonly #refs: number[] = [];

  constructor(reader: ProtoReader, symbols: Symbols, context: WriteContext) {
    this.#reader = reader;
    this.#symbols = symbols;
    this.#context = context;
    this.#tail = new SeriesTail({ reader, sink: context.sink, tags: TAGS, tell: () => this.#told() });
  }

  readSeries(): void {
    this.#context.sink.seriesSeen();
    const reader = this.#reader;
    const outer = reader.end;
    reader.end = reader.limit();
    this.#readRefs();
    if (this.#isKept()) this.#keep();
    else this.#tail.drop();
    reader.end = outer;
  }

  #readRefs(): void {
    const reader = this.#reader;
    this.#refs.length = 0;
    while (reader.at < reader.end) {
      const tag = reader.view.getUint8(reader.at);
      if (tag !== LABEL_REFS && tag !== LABEL_REF) break;
      reader.at += 1;
      const end = tag === LABEL_REFS ? reader.limit() : reader.at + 1;
      while (reader.at < end) this.#refs.push(this.#readRef());
    }
    if (this.#refs.length % 2 !== 0) throw malformed('a series has a label without a value');
  }

  #readRef(): number {
    const ref = this.#reader.varint();
    if (ref >= this.#symbols.count) throw malformed(`a series refers to symbol ${ref} of ${this.#symbols.count}`);
    if (this.#refs.length > LABEL_LIMITS.labels * 2) throw malformed(`more than ${LABEL_LIMITS.labels} labels`);
    return ref;
  }

  /** A series without a metric is kept for now: all its labels are read then. */
  #isKept(): boolean {
    const { lanesA, lanesB, metricName } = this.#symbols;
    for (let i = 0; i < this.#refs.length; i += 2) {
      const value = this.#refs[i + 1] ?? 0;
      if (this.#refs[i] !== metricName || value === 0) continue; // symbol 0 is the empty text
      this.#lanes.a = lanesA[value] ?? 0;
      this.#lanes.b = lanesB[value] ?? 0;
      const { book, owner } = this.#context;
      const metric = () => this.#symbols.of(value) ?? '';
      return book.keeps(this.#lanes, owner) ?? book.learnMetric(this.#lanes, owner, metric());
    }
    return true;
  }

  #keep(): void {
    const { book, owner } = this.#context;
    this.#hashRefs();
    const known = book.find(this.#lanes, owner);
    if (known) {
      this.#tail.read(known, undefined);
      return;
    }
    const learnt = book.learn(this.#lanes, owner, this.#readLabels());
    this.#tail.read(learnt.known, learnt.series);
  }

  /** The series at hand, all of it. */
  #told(): Series {
    return this.#context.book.told(this.#readLabels().labels ?? []);
  }

  #hashRefs(): void {
    const { lanesA, lanesB } = this.#symbols;
    const lanes = this.#lanes;
    startLanes(lanes);
    for (const ref of this.#refs) addLanes(lanes, lanesA[ref] ?? 0, lanesB[ref] ?? 0);
    addLanes(lanes, VERSION_LANE, VERSION_LANE);
    finishLanes(lanes, this.#refs.length);
  }

  #readLabels(): ReadLabels {
    const refs = this.#refs;
    const bytes = refs.reduce((sum, ref) => sum + this.#symbols.lengthOf(ref), 0);
    if (bytes > LABEL_LIMITS.bytes) {
      return { fault: `${bytes} bytes of labels; at most ${LABEL_LIMITS.bytes}` };
    }
    const pairs = Array.from(
      { length: refs.length / 2 },
      (_, i) => [this.#symbols.of(refs[i * 2] ?? 0), this.#symbols.of(refs[i * 2 + 1] ?? 0)] as const,
    );
    return readLabels(pairs);
  }
}
