import { type FilterProblem, PROBLEMS_MAX } from './problems.ts';

export type TokenKind = 'operator' | 'comma' | 'and' | 'or' | 'open' | 'close' | 'string' | 'key' | 'name' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Of a string what it stands for, of a key what stands between the brackets. */
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly position: number;
}

const SPACE = /[ \t\r\n]*/y;
type Patterns = readonly (readonly [TokenKind, RegExp])[];
const PATTERNS: Patterns = [
  ['operator', /!?(?:<~|~>|~)?:/y],
  ['comma', /,/y],
  ['and', /\+/y],
  ['or', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
  ['string', /"([^"]*)"/y],
  ['key', /\[([^\]]*)\]/y],
  ['name', /[\p{L}\p{Nd}_-]+/uy],
];

const WITH_ESCAPES: Patterns = PATTERNS.map(([kind, pattern]) => [
  kind,
  kind === 'string' ? /"((?:[^"\\]|\\[^])*)"/y : pattern,
]);

/** How strings are read: as OpenCost does, which knows no escapes, or with `\"` for a double quote and `\\` for a backslash. */
export type Strings = 'plain' | 'escaped';

/** The words of a filter, with an `end` behind the last. White space between them says nothing. */
export function readTokens(text: string, strings: Strings = 'plain'): { tokens: Token[]; problems: FilterProblem[] } {
  const tokens: Token[] = [];
  const problems: FilterProblem[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length && problems.length < PROBLEMS_MAX) {
    const token = tokenAt(text, at, strings);
    if (token) tokens.push(token.token);
    else problems.push(problemAt(text, at));
    const next = token?.end ?? (opensWithoutClose(text, at) ? text.length : at + characterAt(text, at).length);
    at = skipSpace(text, next);
  }
  tokens.push({ kind: 'end', text: '', position: text.length + 1 });
  return { tokens, problems };
}

function tokenAt(text: string, at: number, strings: Strings): { token: Token; end: number } | undefined {
  for (const [kind, pattern] of strings === 'escaped' ? WITH_ESCAPES : PATTERNS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) continue;
    const word = found[1] ?? found[0];
    const meant = kind === 'string' && strings === 'escaped' ? word.replaceAll(/\\(["\\])/g, '$1') : word;
    return { token: { kind, text: meant, position: at + 1 }, end: pattern.lastIndex };
  }
  return undefined;
}

function problemAt(text: string, at: number): FilterProblem {
  const character = characterAt(text, at);
  const position = at + 1;
  if (character === '"') return { position, message: 'the string that opens here has no closing "' };
  if (character === '[') return { position, message: 'the key that opens here has no closing ]' };
  if ('!<~'.includes(character)) {
    return { position, message: `${character} begins no operator; expected one of : !: ~: !~: <~: !<~: ~>: !~>:` };
  }
  return {
    position,
    message: `unexpected ${JSON.stringify(character)}; expected a field, an operator, a "value", + | ( or )`,
  };
}

function opensWithoutClose(text: string, at: number): boolean {
  return text[at] === '"' || text[at] === '[';
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}
