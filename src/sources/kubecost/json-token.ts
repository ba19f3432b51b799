/** One JSON value cut out of a stream of bytes: an object or list with all that is in it, a string, or a bare word. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;

export class JsonToken {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #bare = false;
  #begun = false;

  /** Of a value with more bytes than `bytesMax` nothing is kept; its end is found all the same. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes what belongs to the value from `chunk` on from `start`; returns where it ends, or -1 where it goes on in the next chunk. */
  take(chunk: Uint8Array, start: number): number {
    const end = this.#endIn(chunk, start);
    this.#keep(chunk.subarray(start, end === -1 ? chunk.length : end));
    return end;
  }

  /** The value's text; null where it was too large to keep. */
  text(): string | null {
    return this.#bytes > this.#bytesMax ? null : Buffer.concat(this.#parts).toString('utf8');
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#bytesMax) this.#parts = [];
    else this.#parts.push(part);
  }

  #endIn(chunk: Uint8Array, start: number): number {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (this.#closesString(byte) && this.#depth === 0) return at + 1;
      } else if (this.#bare) {
        if (endsBareWord(byte)) return at;
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === OPEN || byte === OPEN_LIST) {
        this.#depth += 1;
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        this.#depth -= 1;
        if (this.#depth <= 0) return at + 1;
      } else if (!this.#begun) {
        this.#bare = true;
      }
      this.#begun = true;
    }
    return -1;
  }

  #closesString(byte: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    return !this.#inString;
  }
}

function endsBareWord(byte: number): boolean {
  return byte === COMMA || byte === CLOSE || byte === CLOSE_LIST || byte <= SPACE;
}
