import type { LabelSet } from '../../core/series.ts';
import { AppError } from '../../lib/errors.ts';
import type { PullWindow } from '../pull.ts';
import { COLON, COMMA, JsonScanner, LIST, LIST_END, OBJECT, OBJECT_END } from './json-scanner.ts';

/** Told what an answer holds, series by series. */
export interface MatrixSink {
  /** The labels of the series whose points follow; returns where these go. */
  series(labels: LabelSet): PointSink;
  /** The points of that series are all told. */
  endSeries(): void;
}

export interface PointSink {
  add(at: number, value: number): void;
}

export interface MatrixSummary {
  readonly status: string;
  readonly errorType: string;
  readonly error: string;
  /** What the upstream calls incomplete in its own answer; these texts and those above in full, however long. */
  readonly warnings: readonly string[];
  /** Points within the window that are no number, and native histograms. */
  readonly refused: Readonly<Record<string, number>>;
}

const WARNINGS_MAX = 10;

/**
 * Reads an answer of the query API: `{"status":…,"data":{"resultType":"matrix","result":[{"metric":{…},"values":[[…,"…"]]}]}}`.
 * Points outside of `window` are passed over. Throws `upstream_unavailable` where the text breaks off, and
 * `upstream_refused` where it is something else.
 */
export function readMatrix(bytes: Buffer, window: PullWindow, sink: MatrixSink): MatrixSummary {
  try {
    return new MatrixReader(new JsonScanner(bytes), window, sink).read();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const message = `the upstream's answer of ${bytes.length} bytes is no whole JSON text: ${cause.message}`;
    throw new AppError('upstream_unavailable', message, { cause });
  }
}

class MatrixReader {
  readonly #json: JsonScanner;
  readonly #window: PullWindow;
  readonly #sink: MatrixSink;
  readonly #warnings: string[] = [];
  readonly #texts = { status: '', errorType: '', error: '' };
  #notFinite = 0;
  #histograms = 0;

  constructor(json: JsonScanner, window: PullWindow, sink: MatrixSink) {
    this.#json = json;
    this.#window = window;
    this.#sink = sink;
  }

  read(): MatrixSummary {
    this.#members((name) => this.#member(name));
    if (!this.#json.ended) throw new SyntaxError('something follows it');
    const counts = { not_finite: this.#notFinite, native_histogram: this.#histograms };
    const refused = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    return { ...this.#texts, warnings: this.#warnings, refused };
  }

  #member(name: string): void {
    const json = this.#json;
    if (name === 'status' || name === 'errorType' || name === 'error') this.#texts[name] = json.string();
    else if (name === 'warnings') this.#warn(json.value());
    else if (name === 'isPartial') this.#warn(json.value() === true ? ['the answer is partial'] : []);
    else if (name === 'data') this.#data();
    else json.skip();
  }

  #warn(warnings: unknown): void {
    for (const warning of Array.isArray(warnings) ? warnings.slice(0, WARNINGS_MAX) : []) {
      this.#warnings.push(String(warning));
    }
  }

  #data(): void {
    const json = this.#json;
    if (!json.takes(OBJECT)) return json.skip(); // null beside an error
    this.#membersAfterOpening((name) => {
      if (name === 'resultType') expectMatrix(json.string());
      else if (name === 'result') this.#items(() => this.#series());
      else json.skip();
    });
  }

  #series(): void {
    const json = this.#json;
    let points: PointSink | undefined;
    this.#members((name) => {
      if (name === 'metric') points = this.#sink.series(labelsOf(json.value()));
      else if (name === 'values' && points) this.#points(points);
      else if (name === 'values') throw new SyntaxError('values stand before the metric that they are of');
      else if (name === 'histograms') this.#items(() => this.#histogram());
      else json.skip();
    });
    if (points) this.#sink.endSeries();
  }

  #points(points: PointSink): void {
    const json = this.#json;
    const { from, to } = this.#window;
    json.expect(LIST);
    if (json.takes(LIST_END)) return;
    do {
      json.expect(LIST);
      const at = json.milliseconds();
      json.expect(COMMA);
      const value = json.quotedNumber();
      json.expect(LIST_END);
      if (at < from || at >= to) continue;
      if (Number.isFinite(value)) points.add(at, value);
      else this.#notFinite += 1;
    } while (json.takes(COMMA));
    json.expect(LIST_END);
  }

  #histogram(): void {
    this.#json.skip();
    this.#histograms += 1;
  }

  #items(item: () => void): void {
    const json = this.#json;
    json.expect(LIST);
    if (json.takes(LIST_END)) return;
    do item();
    while (json.takes(COMMA));
    json.expect(LIST_END);
  }

  #members(member: (name: string) => void): void {
    this.#json.expect(OBJECT);
    this.#membersAfterOpening(member);
  }

  #membersAfterOpening(member: (name: string) => void): void {
    const json = this.#json;
    if (json.takes(OBJECT_END)) return;
    do {
      const name = json.string();
      json.expect(COLON);
      member(name);
    } while (json.takes(COMMA));
    json.expect(OBJECT_END);
  }
}

function expectMatrix(type: string): void {
  if (type === 'matrix') return;
  throw new AppError(
    'upstream_refused',
    `the upstream answered a ${type.slice(0, 50)} where a matrix of points was asked for`,
  );
}

function labelsOf(metric: unknown): LabelSet {
  const entries = typeof metric === 'object' && metric !== null ? Object.entries(metric) : [];
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw new SyntaxError(`label ${name.slice(0, 100)} is no text`);
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
