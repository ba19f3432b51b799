/** A token of ClickHouse SQL. White space and comments are none. */
export interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'symbol';
  /** Words in upper case; the rest as written, quotes included. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many brackets of any kind are open around it. */
  readonly depth: number;
}

const SPACE = /(?:\s+|--[^\n]*|#[ !][^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_$]*/y;
const NUMBER = /[0-9][A-Za-z0-9_.]*/y;
const HEREDOC = /\$[A-Za-z0-9_]*\$/y;
const QUOTED = { "'": 'string', '"': 'quoted', '`': 'quoted' } as const;

/**
 * The tokens of a statement, from its start; what cannot be read (an unclosed quote) ends them.
 * Linear in the text, whatever the text.
 */
export function* tokens(sql: string): Generator<Token> {
  let at = 0;
  let depth = 0;
  while (at < sql.length) {
    at = matchEnd(SPACE, sql, at) ?? at;
    const character = sql[at];
    if (character === undefined) return;
    if (character === ')' || character === ']' || character === '}') depth = Math.max(0, depth - 1);
    const found = tokenAt(sql, at, character);
    if (!found) return;
    yield { ...found, text: found.kind === 'word' ? found.text.toUpperCase() : found.text, start: at, depth };
    if (character === '(' || character === '[' || character === '{') depth += 1;
    at = found.end;
  }
}

function tokenAt(sql: string, at: number, first: string): Pick<Token, 'kind' | 'text' | 'end'> | undefined {
  const made = (kind: Token['kind'], end: number) => ({ kind, text: sql.slice(at, end), end });
  if (first === "'" || first === '"' || first === '`') {
    const end = quoteEnd(sql, at, first);
    return end === undefined ? undefined : made(QUOTED[first], end);
  }
  const word = matchEnd(WORD, sql, at);
  if (word !== undefined) return made('word', word);
  const number = matchEnd(NUMBER, sql, at);
  if (number !== undefined) return made('symbol', number);
  const tag = matchEnd(HEREDOC, sql, at);
  if (tag !== undefined) {
    const close = sql.indexOf(sql.slice(at, tag), tag);
    return close < 0 ? undefined : made('string', close + tag - at);
  }
  return made('symbol', at + 1);
}

function matchEnd(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

/** Where the quote that opens at `at` ends; a backslash escapes, and a doubled quote is one of the text. */
function quoteEnd(sql: string, at: number, quote: string): number | undefined {
  for (let next = at + 1; next < sql.length; next += 1) {
    const character = sql[next];
    if (character === '\\') next += 1;
    else if (character === quote && sql[next + 1] === quote) next += 1;
    else if (character === quote) return next + 1;
  }
  return undefined;
}
