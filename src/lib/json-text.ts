/**
 * JSON of an answer that may be too large to stand in memory as one text: what is lazy in it is made when it is written, one
 * member at a time, and comes out in chunks. Around it, and within a member, all is as `JSON.stringify` writes it.
 */

import { CHUNK_CHARS, textChunks } from './text-chunks.ts';

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

type Members<T> = Iterable<T> | AsyncIterable<T>;

/** An array whose members come one after the other, each of which may be lazy. Written once. */
export class LateArray<T> {
  readonly members: Members<T>;

  constructor(members: Members<T>) {
    this.members = members;
  }
}

/** A value that is known when all before it is written. */
export class LateValue<T> {
  readonly read: () => T;

  constructor(read: () => T) {
    this.read = read;
  }
}

/** An object of which parts come late; what is late stands in it or in its members' members, never in an array. */
export type Late<T> =
  | Lazily<T>
  | LateValue<T>
  | (T extends readonly (infer U)[] ? LateArray<Lazily<U>> : LateMembers<T>);
type LateMembers<T> = T extends object ? { readonly [K in keyof T]: Late<T[K]> } : never;

/** The JSON of a value in chunks, however large it is. */
export function jsonChunks(value: unknown): Generator<string> {
  return textChunks(pieces(value));
}

/** Likewise of a value of which parts come late. */
export async function* lateJsonChunks(value: unknown): AsyncGenerator<string> {
  let text = '';
  for await (const part of lateParts(value)) {
    for (const piece of part) {
      text += piece;
      if (text.length < CHUNK_CHARS) continue;
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

/** Pieces that are there together. */
async function* lateParts(value: unknown): AsyncGenerator<Iterable<string>> {
  if (value instanceof LateValue) {
    yield pieces(value.read());
  } else if (value instanceof LateArray) {
    let before = '[';
    for await (const member of value.members) {
      yield [before];
      yield pieces(member);
      before = ',';
    }
    yield [before === '[' ? '[]' : ']'];
  } else if (isPlain(value)) {
    let before = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield [`${before}${textOf(name)}:`];
      yield* lateParts(member);
      before = ',';
    }
    yield [before === '{' ? '{}' : '}'];
  } else {
    yield pieces(value);
  }
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
