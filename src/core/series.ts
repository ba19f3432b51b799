/**
 * Prometheus series and their points, as remote write and pulls bring them. The rollup assembles usage from them inside
 * the engine; nothing here knows what a metric means.
 */

/** One series: its metric, the labels that name a Kubernetes thing taken out of the others, and an id that follows from all of them. */
export interface Series {
  /** Hash of all labels, the metric among them: the same series has the same id from any sender. Unsigned, 64 bits. */
  readonly id: bigint;
  readonly metric: string;
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly node: string;
  /** Every other label. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Points of many series, by column: there are too many of them for an object each. The arrays have one length. */
export interface PointBlock {
  /** Series that may not have been told yet today; the store keeps one row a series and day. */
  readonly series: readonly Series[];
  readonly ids: BigUint64Array;
  /** Milliseconds since the epoch. */
  readonly ats: BigInt64Array;
  readonly values: Float64Array;
}

/** All labels of a series, `__name__` among them. A label whose value is empty is no label, as Prometheus has it. */
export type LabelSet = Readonly<Record<string, string>>;

const METRIC = '__name__';
/** Labels that a series has a field for. */
const NAMING = ['namespace', 'pod', 'uid', 'container', 'node'] as const;
/** What a scrape that does not honour labels makes of a label that its target has too: the thing's own name is in here. */
const EXPORTED = 'exported_';

/** The series that has these labels. */
export function toSeries(labels: LabelSet): Series {
  const names = presentNames(labels);
  const of = (name: string): string => labels[EXPORTED + name] || labels[name] || '';
  return {
    id: hashOf(labels, names),
    metric: labels[METRIC] ?? '',
    namespace: of('namespace'),
    pod: of('pod'),
    uid: of('uid'),
    container: of('container'),
    node: of('node'),
    // fromEntries defines, never assigns: a label may be called __proto__
    labels: Object.fromEntries(names.filter((name) => !TAKEN_OUT.has(name)).map((name) => [name, labels[name] ?? ''])),
  };
}

const TAKEN_OUT: ReadonlySet<string> = new Set([METRIC, ...NAMING, ...NAMING.map((name) => EXPORTED + name)]);

/**
 * The id of the series that has these labels, in whatever order they come: 64 bits over the UTF-8 bytes of names and
 * values, sorted by name. Ten million series of one cluster share an id with a probability of 3 in a million.
 */
export function seriesId(labels: LabelSet): bigint {
  return hashOf(labels, presentNames(labels));
}

function presentNames(labels: LabelSet): string[] {
  const names = Object.keys(labels).filter((name) => labels[name] !== '');
  return inOrder(names) ? names : names.sort();
}

/** Most senders sort; then there is nothing to do. */
function inOrder(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i += 1) if ((names[i - 1] ?? '') > (names[i] ?? '')) return false;
  return true;
}

/** No byte of UTF-8: no name or value can imitate the end of another. */
const END = 0xff;

/** Two lanes of 32 bits, since a multiplication of 64 would need a bigint for every byte. */
class Hash {
  #a = 0x9e3779b9;
  #b = 0x7f4a7c15;

  add(text: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        // The rotation brings the high bits, where a product mixes, back to where the next byte goes.
        a = Math.imul(((a << 5) | (a >>> 27)) ^ unit, 0x9e3779b1);
        b = Math.imul(((b << 11) | (b >>> 21)) ^ unit, 0x85ebca6b);
        continue;
      }
      this.#a = a;
      this.#b = b;
      this.#addBytes(Buffer.from(text.slice(i), 'utf8'));
      this.#addByte(END);
      return;
    }
    this.#a = a;
    this.#b = b;
    this.#addByte(END);
  }

  value(): bigint {
    const a = finished(this.#a ^ Math.imul(this.#b, 0xc2b2ae35));
    const b = finished(this.#b ^ Math.imul(a, 0x27d4eb2f));
    return (BigInt(a) << 32n) | BigInt(b);
  }

  #addBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#addByte(byte);
  }

  #addByte(byte: number): void {
    this.#a = Math.imul(((this.#a << 5) | (this.#a >>> 27)) ^ byte, 0x9e3779b1);
    this.#b = Math.imul(((this.#b << 11) | (this.#b >>> 21)) ^ byte, 0x85ebca6b);
  }
}

/** Lets every bit of the input change about half of the output. */
function finished(lane: number): number {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashOf(labels: LabelSet, names: readonly string[]): bigint {
  const hash = new Hash();
  for (const name of names) {
    hash.add(name);
    hash.add(labels[name] ?? '');
  }
  return hash.value();
}
