/**
 * Reads the parts of a JSON text that repeat a million times, a number of a point above all, straight from its bytes.
 * `JSON.parse` of the whole would make three objects of every point; everything that is not a point is still its work.
 */
export class JsonScanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Takes the character, if it comes next. */
  takes(code: number): boolean {
    if (this.#peek() !== code) return false;
    this.#at += 1;
    return true;
  }

  /** Throws where another character, or none, comes next. */
  expect(code: number): void {
    if (!this.takes(code)) this.#fail(`"${String.fromCharCode(code)}" is missing`);
  }

  /** Nothing but space is left. */
  get ended(): boolean {
    return this.#peek() === undefined;
  }

  /** The next string. */
  string(): string {
    const text = this.value();
    if (typeof text !== 'string') this.#fail('a text is missing');
    return text;
  }

  /** The next value, whatever it is: for the small parts. */
  value(): unknown {
    const from = this.#skip();
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, this.#at));
    } catch (cause) {
      throw new SyntaxError(`at byte ${from}: no JSON value`, { cause });
    }
  }

  /** Passes over the next value. */
  skip(): void {
    this.#skip();
  }

  /** Seconds with decimals, as whole milliseconds. */
  milliseconds(): number {
    this.#peek();
    const from = this.#at;
    let seconds = 0;
    let code = this.#bytes[this.#at] ?? 0;
    for (; isDigit(code); code = this.#bytes[++this.#at] ?? 0) seconds = seconds * 10 + (code - ZERO);
    let thousandths = 0;
    let decimals = 0;
    if (code === DOT) {
      code = this.#bytes[++this.#at] ?? 0;
      for (; isDigit(code) && decimals < 3; code = this.#bytes[++this.#at] ?? 0) {
        thousandths = thousandths * 10 + (code - ZERO);
        decimals += 1;
      }
    }
    const isPlain = this.#at > from && (code === COMMA || code === SPACE) && seconds <= SECONDS_MAX;
    if (!isPlain) return Math.round(this.#oddNumber(from) * 1_000);
    return seconds * 1_000 + thousandths * (decimals === 1 ? 100 : decimals === 2 ? 10 : 1);
  }

  /** A number in quotation marks, as Prometheus writes values; `NaN`, `+Inf` and `-Inf` among them. */
  quotedNumber(): number {
    this.expect(QUOTE);
    const from = this.#at;
    let mantissa = 0;
    let decimals = -1;
    let code = this.#bytes[this.#at] ?? 0;
    for (; isDigit(code) || (code === DOT && decimals < 0); code = this.#bytes[++this.#at] ?? 0) {
      if (code === DOT) decimals = 0;
      else {
        mantissa = mantissa * 10 + (code - ZERO);
        if (decimals >= 0) decimals += 1;
      }
    }
    const digits = this.#at - from - (decimals < 0 ? 0 : 1);
    // A quotient of two numbers that are exact is the nearest double: what Number() would give.
    if (code === QUOTE && digits > 0 && digits <= DIGITS_EXACT) {
      this.#at += 1;
      return decimals > 0 ? mantissa / (POWERS[decimals] ?? 1) : mantissa;
    }
    this.#at = from;
    const end = this.#bytes.indexOf(QUOTE, from);
    if (end < 0) this.#fail('the text ends within a number');
    this.#at = end + 1;
    const text = this.#bytes.toString('latin1', from, end);
    const value = NAMED.get(text) ?? (text === '' ? undefined : Number(text));
    if (value === undefined || (Number.isNaN(value) && text !== 'NaN')) this.#fail('no number');
    return value ?? Number.NaN;
  }

  #oddNumber(from: number): number {
    this.#at = from;
    const value = this.value();
    if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > SECONDS_MAX) this.#fail('no time');
    return value;
  }

  /** The next character that is no space. */
  #peek(): number | undefined {
    let code = this.#bytes[this.#at];
    while (code === SPACE || code === 0x0a || code === 0x0d || code === 0x09) code = this.#bytes[++this.#at];
    return code;
  }

  /** Passes over the next value and returns where it began. */
  #skip(): number {
    const first = this.#peek();
    const from = this.#at;
    if (first === QUOTE) this.#skipString();
    else if (first === OBJECT || first === LIST) this.#skipNested();
    else while (!ENDS.has(this.#bytes[this.#at] ?? COMMA)) this.#at += 1;
    if (this.#at === from) this.#fail('a value is missing');
    return from;
  }

  #skipNested(): void {
    let depth = 0;
    do {
      const code = this.#bytes[this.#at];
      if (code === undefined) this.#fail('the text ends within a value');
      if (code === QUOTE) {
        this.#skipString();
        continue;
      }
      if (code === OBJECT || code === LIST) depth += 1;
      else if (code === OBJECT_END || code === LIST_END) depth -= 1;
      this.#at += 1;
    } while (depth > 0);
  }

  #skipString(): void {
    this.#at += 1;
    for (let code = this.#bytes[this.#at]; code !== QUOTE; code = this.#bytes[this.#at]) {
      if (code === undefined) this.#fail('the text ends within a string');
      this.#at += code === BACKSLASH ? 2 : 1;
    }
    this.#at += 1;
  }

  #fail(what: string): never {
    throw new SyntaxError(`at byte ${this.#at}: ${what}`);
  }
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const LIST = 0x5b;
export const LIST_END = 0x5d;
export const OBJECT = 0x7b;
export const OBJECT_END = 0x7d;
const ZERO = 0x30;
const DOT = 0x2e;
const SPACE = 0x20;
const BACKSLASH = 0x5c;

/** Digits that a double carries exactly. */
const DIGITS_EXACT = 15;
const POWERS = Array.from({ length: DIGITS_EXACT + 1 }, (_, power) => 10 ** power);
const SECONDS_MAX = 1e11;
const NAMED = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
]);
const ENDS = new Set([COMMA, LIST_END, OBJECT_END, SPACE, 0x0a, 0x0d, 0x09]);

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}
