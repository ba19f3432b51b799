/**
 * JSON of an answer that may be too large to stand in memory as one text: what is lazy in it is made when it is written, one
 * member at a time, and comes out in chunks. Around it, and within a member, all is as `JSON.stringify` writes it.
 */

/** An array whose members are made when they are written. `make` is called once for each writing. */
export class LazyArray<T> {
  readonly make: () => Iterable<T>;

  constructor(make: () => Iterable<T>) {
    this.make = make;
  }
}

/** Likewise an object, of entries with names of their own. */
export class LazyRecord<T> {
  readonly make: () => Iterable<readonly [string, T]>;

  constructor(make: () => Iterable<readonly [string, T]>) {
    this.make = make;
  }
}

/** A value of which any array, and any object of names that nobody knows before, may be lazy. */
export type Lazily<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer U)[]
    ? LazyArray<U> | readonly Lazily<U>[]
    : { readonly [K in keyof T]: Lazily<T[K]> } | (string extends keyof T ? LazyRecord<T[keyof T]> : never);

/** Characters of a chunk, beyond which no further member is added. */
const CHUNK_CHARS = 64 * 1_024;

/** The JSON of a value in chunks of about 64 Ki characters, however large it is. */
export function* jsonChunks(value: unknown): Generator<string> {
  let text = '';
  for (const piece of pieces(value)) {
    text += piece;
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function* pieces(value: unknown): Generator<string> {
  if (value instanceof LazyArray) {
    yield* listed(value.make(), '[]', textOf);
  } else if (value instanceof LazyRecord) {
    yield* listed(value.make(), '{}', ([name, member]) => `${textOf(name)}:${textOf(member)}`);
  } else if (Array.isArray(value)) {
    const members = value.map((member: unknown) => ['', member] as const);
    yield* nested(members, '[]');
  } else if (isPlain(value)) {
    const known = Object.entries(value).filter(([, member]) => member !== undefined);
    const members = known.map(([name, member]) => [`${textOf(name)}:`, member] as const);
    yield* nested(members, '{}');
  } else {
    yield textOf(value);
  }
}

function* listed<T>(members: Iterable<T>, [open, close]: string, text: (member: T) => string): Generator<string> {
  let before = open ?? '';
  let isEmpty = true;
  for (const member of members) {
    yield before + text(member);
    before = ',';
    isEmpty = false;
  }
  yield isEmpty ? `${open}${close}` : (close ?? '');
}

function* nested(members: readonly (readonly [string, unknown])[], [open, close]: string): Generator<string> {
  yield open ?? '';
  for (const [index, [name, member]] of members.entries()) {
    yield index === 0 ? name : `,${name}`;
    yield* pieces(member);
  }
  yield close ?? '';
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
