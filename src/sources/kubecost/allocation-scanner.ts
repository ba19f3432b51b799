/**
 * Reads an answer of the allocation API as its bytes arrive, so that an hour of a very large cluster costs the memory of
 * one allocation and not that of the answer.
 *
 *     {"code":200, "data":[ {"<key>": {allocation}, …}, {}, null, … ], "message":"…"}
 *
 * `data` may also be one set instead of a list of sets. Only this frame is read here; an allocation is handed on as text,
 * so that a broken one can be refused alone. Commas and colons are not insisted on.
 */
import { JsonToken } from './json-token.ts';

/** What stands in the answer, in its order. */
export type Found =
  /** `text` is null where the allocation was larger than one may be. */
  | { readonly kind: 'allocation'; readonly set: number; readonly key: string; readonly text: string | null }
  /** A set is complete; so is one that is null. */
  | { readonly kind: 'set'; readonly set: number }
  /** A field of the envelope beside `data`. */
  | { readonly kind: 'field'; readonly name: string; readonly value: unknown };

/** The answer is not what an allocation API answers; where `cut` is true it merely ends too early. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
  readonly cut: boolean;

  constructor(message: string, cut = false) {
    super(message);
    this.cut = cut;
  }
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;

/** Of keys, and of the fields of the envelope. */
const FRAME_BYTES_MAX = 64 * 2 ** 10;

type Place = 'before' | 'envelope' | 'sets' | 'set' | 'after';

export class AllocationScanner {
  readonly #allocationBytesMax: number;
  #place: Place = 'before';
  #inList = false;
  #set = 0;
  #sawData = false;
  #key: string | null = null;
  #token: { readonly value: JsonToken; readonly done: (text: string | null) => void } | null = null;
  #found: Found[] = [];

  constructor(allocationBytesMax: number) {
    this.#allocationBytesMax = allocationBytesMax;
  }

  /** What the next bytes of the answer complete. Throws ScanError where they are not of such an answer. */
  read(chunk: Uint8Array): readonly Found[] {
    this.#found = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#token) {
        const end = this.#token.value.take(chunk, at);
        if (end === -1) break;
        const { value, done } = this.#token;
        this.#token = null;
        done(value.text());
        at = end;
      } else {
        at += this.#step(chunk[at] ?? 0) ? 1 : 0;
      }
    }
    return this.#found;
  }

  /** Throws ScanError where the answer is not complete, or held no data. */
  finish(): void {
    if (this.#place === 'before') throw new ScanError('its answer is empty', true);
    if (this.#place !== 'after') throw new ScanError('its answer ends too early', true);
    if (!this.#sawData) throw new ScanError('its answer has no "data"');
  }

  /** Whether `byte` is done with; if not, it begins a value, which is read next. */
  #step(byte: number): boolean {
    if (byte <= SPACE || byte === COMMA || byte === COLON) return true;
    switch (this.#place) {
      case 'before':
        if (byte !== OPEN) throw new ScanError('its answer is not JSON');
        this.#place = 'envelope';
        return true;
      case 'envelope':
        return this.#inEnvelope(byte);
      case 'sets':
        return this.#betweenSets(byte);
      case 'set':
        return this.#inSet(byte);
      case 'after':
      default:
        throw new ScanError('its answer goes on after its end');
    }
  }

  #inEnvelope(byte: number): boolean {
    if (this.#key === null) return this.#keyOrEnd(byte, () => this.#enter('after'));
    const name = this.#key;
    if (name === 'data') {
      this.#sawData = true;
      this.#inList = byte === OPEN_LIST;
      if (this.#inList || byte === OPEN) {
        this.#enter(this.#inList ? 'sets' : 'set');
        return true;
      }
    }
    return this.#begin(FRAME_BYTES_MAX, (text) => {
      const value = text === null ? null : parseJson(text);
      if (name === 'data' && value !== null) throw new ScanError('its "data" is neither a list nor an object');
      this.#found.push({ kind: 'field', name, value });
      this.#key = null;
    });
  }

  #betweenSets(byte: number): boolean {
    if (byte === CLOSE_LIST) this.#enter('envelope');
    else if (byte === OPEN) this.#enter('set');
    else {
      return this.#begin(FRAME_BYTES_MAX, (text) => {
        if (text !== 'null') throw new ScanError('its "data" lists something that is not a set of allocations');
        this.#endSet();
      });
    }
    return true;
  }

  #inSet(byte: number): boolean {
    if (this.#key === null) {
      return this.#keyOrEnd(byte, () => {
        this.#endSet();
        this.#enter(this.#inList ? 'sets' : 'envelope');
      });
    }
    const key = this.#key;
    return this.#begin(this.#allocationBytesMax, (text) => {
      if (text !== 'null') this.#found.push({ kind: 'allocation', set: this.#set, key, text });
      this.#key = null;
    });
  }

  #keyOrEnd(byte: number, end: () => void): boolean {
    if (byte === CLOSE) {
      end();
      return true;
    }
    if (byte !== QUOTE) throw new ScanError('its answer is not JSON');
    return this.#begin(FRAME_BYTES_MAX, (text) => {
      if (text === null) throw new ScanError(`it has a key of more than ${FRAME_BYTES_MAX} bytes`);
      this.#key = String(parseJson(text));
    });
  }

  #enter(place: Place): void {
    this.#place = place;
    this.#key = null;
  }

  #endSet(): void {
    this.#found.push({ kind: 'set', set: this.#set });
    this.#set += 1;
  }

  #begin(bytesMax: number, done: (text: string | null) => void): false {
    this.#token = { value: new JsonToken(bytesMax), done };
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ScanError('its answer is not JSON');
  }
}
