import { isUtf8 } from 'node:buffer';
import { AppError } from './errors.ts';

/** More than the largest post that any source takes has; each value costs a parser memory and time, and packs to nothing. */
export const VALUES_MAX = 4_000_000;

/** Deeper than any source nests; a parser pays for each level in memory and time, and a level packs to nothing. */
export const DEPTH_MAX = 64;

/**
 * The JSON of a stranger's body, the same wherever it arrives. Throws `invalid_payload` where it is no UTF-8 or no JSON, is
 * nested deeper than `DEPTH_MAX`, has more values than `VALUES_MAX`, or a member that could change what objects are.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw unreadable('is not UTF-8');
  const excess = excessOf(bytes);
  if (excess !== undefined) throw unreadable(excess);
  const text = bytes.toString('utf8').replace(BYTE_ORDER_MARK, '');
  const value = parsed(text);
  const forbidden = SUSPICIOUS.test(text) ? forbiddenMember(value) : undefined;
  if (forbidden !== undefined) throw unreadable(`has a member called ${forbidden}, which no member may be called`);
  return value;
}

const BYTE_ORDER_MARK = /^\ufeff/;
/** Text that could hold a forbidden name, if only by escapes; most has neither, and its value need not be walked. */
const SUSPICIOUS = /__proto__|constructor|\\u00/;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('is not JSON', cause);
  }
}

function unreadable(what: string, cause?: unknown): AppError {
  return new AppError('invalid_payload', `cannot read the body: it ${what}`, { cause });
}

/** Whoever copied `__proto__` member by member would give the copy a prototype of the sender's. */
function forbiddenMember(root: unknown): string | undefined {
  const left = [root];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return '__proto__';
    if (Object.hasOwn(value, 'constructor') && hasPrototype(Object(value).constructor)) return 'constructor.prototype';
    for (const member of Object.values(value)) if (typeof member === 'object') left.push(member);
  }
  return undefined;
}

function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** What of JSON text is more than a parser should be given: lists and objects within each other, or values in all. */
function excessOf(json: Uint8Array): string | undefined {
  let depth = 0;
  let values = 0;
  let inText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if ((byte | BRACE_BIT) === CLOSING) depth -= 1;
    else if ((byte | BRACE_BIT) === OPENING) {
      depth += 1;
      values += 1;
      if (depth > DEPTH_MAX) return `nests deeper than ${DEPTH_MAX} levels`;
    } else if (byte === COMMA) values += 1;
    if (values > VALUES_MAX) return `has more than ${VALUES_MAX} values`;
  }
  return undefined;
}
