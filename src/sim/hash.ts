/**
 * Randomness as a function of identity: what happens to a thing is a hash of what the thing is and never of what was
 * asked before. That is what lets any slice of time be produced alone, in any order, and always the same.
 *
 * 32-bit integers throughout: exact and equal on every machine.
 */

/** The 32-bit hash of a text, under a seed (FNV-1a, finished by `mix`). */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash, seed);
}

/** The 32-bit hash of two integers; of a greater one its low 53 bits count. (The finisher of MurmurHash3.) */
export function mix(a: number, b: number): number {
  let hash = (a ^ Math.imul(b | 0, 0x9e3779b1) ^ Math.imul(Math.floor(b / 2 ** 32) | 0, 0x85ebca77)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A whole number in [0, bound), bound at most 2^31. */
export function below(hash: number, bound: number): number {
  return Math.floor((hash / 2 ** 32) * bound);
}

/** The remainder that is never negative. */
export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** The alphabet that Kubernetes makes names from: no vowels, so no words. */
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** `length` characters as Kubernetes would append to a name. */
export function nameSuffix(seed: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += NAME_ALPHABET[mix(seed, i) % NAME_ALPHABET.length] ?? '';
  return text;
}

/** Shares no factor with 27, so that multiplying by it only changes the order. */
const SCATTER = 7_919;

/** A text that no two numbers share unless they differ by a multiple of 27^length; neighbours look unlike. */
export function distinctSuffix(value: number, length: number): string {
  let text = '';
  for (let rest = modulo(value * SCATTER, NAME_ALPHABET.length ** length), i = 0; i < length; i++) {
    text = (NAME_ALPHABET[rest % NAME_ALPHABET.length] ?? '') + text;
    rest = Math.floor(rest / NAME_ALPHABET.length);
  }
  return text;
}

export function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** A UUID (version 4 in form) from the identity of a thing: `a` and `b` are told apart in separate words. */
export function uuid(a: number, b: number): string {
  const third = hex(mix(a, mix(b, 1)));
  const fourth = hex(mix(b, mix(a, 2)));
  return `${hex(a)}-${hex(b).slice(0, 4)}-4${hex(b).slice(4, 7)}-a${hex(b).slice(7)}${third.slice(0, 2)}-${third.slice(2)}${fourth.slice(0, 6)}`;
}
