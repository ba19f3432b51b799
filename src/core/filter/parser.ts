import { nearestWord } from '../../lib/nearest-word.ts';
import { DEFAULT_ALIASES, type LabelAliases } from '../allocation-properties.ts';
import { type Cursor, createCursor, type FilterWords, TooManyProblems } from './cursor.ts';
import { ALLOCATION_FIELDS, type FieldTarget } from './fields.ts';
import { readTokens, type Strings, type Token } from './lexer.ts';
import { FILTER_CHARS_MAX, FILTER_DEPTH_MAX, type FilterProblem, filterRefusal } from './problems.ts';
import { ALL, andOf, type Comparator, compare, type Filter, notOf, orOf } from './tree.ts';

/**
 * Reads the filter language of OpenCost and Kubecost, v2:
 *
 *     filter     = operand { ("+" operand)… | ("|" operand)… }      + is and, | is or; one of them in a group
 *     operand    = "(" filter ")" | comparison
 *     comparison = field [ "[" key "]" ] operator value { "," value }
 *     operator   = [ "!" ] ( ":" is | "~:" contains | "<~:" starts with | "~>:" ends with )
 *
 * Several values are alternatives; behind a negated operator none of them may hold. White space alone is the filter that
 * everything passes. Where OpenCost forgets what follows a whole filter, this refuses it.
 *
 * OpenCost's strings have no escapes, and so hold no double quote. What it can read means here what it means there. What it
 * cannot read is read once more with `\"` for a double quote and `\\` for a backslash, where there is a `\"` at all.
 *
 * @throws AppError `invalid_request` with the position of every problem and what was expected there, or the limit.
 */
export function parseFilter(text: string, aliases: LabelAliases = DEFAULT_ALIASES): Filter {
  return parseFilterOf(text, { fields: ALLOCATION_FIELDS, aliases });
}

/** The same language over other fields. Throws as `parseFilter` does. */
export function parseFilterOf<P extends string>(text: string, words: FilterWords<P>): Filter<P> {
  const refused = textRefusal(text);
  if (refused) throw filterRefusal([refused]);
  const plain = readFilter(text, 'plain', words);
  const { filter, problems } =
    plain.problems.length > 0 && text.includes('\\"') ? readFilter(text, 'escaped', words) : plain;
  if (problems.length > 0) throw filterRefusal(problems);
  return filter;
}

interface Reading<P extends string> {
  readonly filter: Filter<P>;
  /** Where there is one, the filter is not what was meant. */
  readonly problems: readonly FilterProblem[];
}

function readFilter<P extends string>(text: string, strings: Strings, words: FilterWords<P>): Reading<P> {
  const { tokens, problems } = readTokens(text, strings);
  if (problems.length > 0) return { filter: ALL, problems };
  const cursor = createCursor(tokens, words);
  const filter = readWhole(cursor);
  return { filter, problems: cursor.problems };
}

function readWhole<P extends string>(cursor: Cursor<P>): Filter<P> {
  if (cursor.peek().kind === 'end') return ALL;
  try {
    return readGroup(cursor, 0);
  } catch (error) {
    if (error instanceof TooManyProblems) return ALL;
    throw error;
  }
}

function textRefusal(text: string): FilterProblem | undefined {
  if (text.length > FILTER_CHARS_MAX) {
    return { position: FILTER_CHARS_MAX + 1, message: `it has ${text.length} characters; at most ${FILTER_CHARS_MAX}` };
  }
  if (!text.isWellFormed()) return { position: 1, message: 'it is not well-formed Unicode' };
  return undefined;
}

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  ':': 'equals',
  '~:': 'contains',
  '<~:': 'starts',
  '~>:': 'ends',
};

function readGroup<P extends string>(cursor: Cursor<P>, depth: number): Filter<P> {
  const parts = [readOperand(cursor, depth)];
  let joiner: Token | undefined;
  let isMixed = false;
  while (!endsGroup(cursor.peek(), depth)) {
    const token = cursor.take('and') ?? cursor.take('or');
    if (token === undefined) {
      skipUnexpected(cursor);
      continue;
    }
    joiner ??= token;
    if (token.kind !== joiner.kind && !isMixed) {
      isMixed = true;
      cursor.problem(token, `expected ${joiner.text} as before it in this group, or parentheses, got ${token.text}`);
    }
    parts.push(readOperand(cursor, depth));
  }
  return joiner?.kind === 'or' ? orOf(parts) : andOf(parts);
}

function endsGroup({ kind }: Token, depth: number): boolean {
  return kind === 'end' || (kind === 'close' && depth > 0);
}

function skipUnexpected<P extends string>(cursor: Cursor<P>): void {
  const token = cursor.peek();
  if (token.kind === 'close') cursor.problem(token, 'this ) closes nothing; expected + | or the end');
  else cursor.problem(token, `expected + or | (in a URL + is written %2B), got ${show(token)}`);
  cursor.skip();
  cursor.skipToJoiner();
}

function readOperand<P extends string>(cursor: Cursor<P>, depth: number): Filter<P> {
  const open = cursor.take('open');
  if (open === undefined) return readComparison(cursor) ?? ALL;
  if (depth === FILTER_DEPTH_MAX) {
    cursor.problem(open, `more than ${FILTER_DEPTH_MAX} parentheses within each other`);
    throw new TooManyProblems();
  }
  const inner = readGroup(cursor, depth + 1);
  if (!cursor.take('close')) cursor.problem(open, 'this ( is never closed; expected ) before the end');
  return inner;
}

function readComparison<P extends string>(cursor: Cursor<P>): Filter<P> | undefined {
  const target = readField(cursor);
  const key = target?.kind === 'map' ? cursor.take('key')?.text : undefined;
  const operator = target && readOperator(cursor);
  const values = operator && readValues(cursor);
  if (!target || !operator || !values) {
    cursor.skipToJoiner();
    return undefined;
  }
  const isNegated = operator.text.startsWith('!');
  const comparator = COMPARATORS[isNegated ? operator.text.slice(1) : operator.text] ?? 'equals';
  const filter = compare<P>({ target, key, comparator, values }, cursor.aliases);
  return isNegated ? notOf(filter) : filter;
}

function readField<P extends string>(cursor: Cursor<P>): FieldTarget<P> | undefined {
  const token = cursor.peek();
  const isName = token.kind === 'name';
  const target = isName ? cursor.fields.get(token.text) : undefined;
  const expected = isName ? fieldHint(token, [...cursor.fields.keys()]) : 'a field or (';
  if (target) cursor.skip();
  else cursor.problem(token, `expected ${expected}, got ${show(token)}`);
  return target;
}

function readOperator<P extends string>(cursor: Cursor<P>): Token | undefined {
  const operator = cursor.take('operator');
  if (!operator) cursor.problem(cursor.peek(), `expected an operator such as : or !~:, got ${show(cursor.peek())}`);
  return operator;
}

function readValues<P extends string>(cursor: Cursor<P>): string[] | undefined {
  const values: string[] = [];
  do {
    const value = cursor.take('string');
    if (!value) {
      cursor.problem(cursor.peek(), `expected a value in double quotes, got ${show(cursor.peek())}`);
      return undefined;
    }
    cursor.countComparison(value);
    values.push(value.text);
  } while (cursor.take('comma'));
  return values;
}

function fieldHint({ text }: Token, names: readonly string[]): string {
  const near = nearestWord(text, names);
  return `a field (${names.join(', ')})${near === undefined ? '' : `, perhaps ${near}`}`;
}

function show({ kind, text }: Token): string {
  if (kind === 'end') return 'the end';
  if (kind === 'string') return `the value "${text.slice(0, 60)}"`;
  return kind === 'key' ? `[${text.slice(0, 60)}]` : text.slice(0, 60);
}
