import { exception } from './exception.ts';
import { type Token, tokens } from './lexer.ts';

/**
 * What kind of statement a request holds, as far as serving it differs by kind. Only the engine judges a statement; this
 * decides how its data goes in and its result comes out. Offsets are in bytes.
 */
export type Statement =
  /** `INSERT INTO t … FORMAT X <data>`, `… VALUES <data>` or `… SELECT … FROM input('…') FORMAT X <data>`. */
  | {
      readonly kind: 'insert';
      /** Where `FROM INFILE …` belongs, and where the clause that announces the data begins. */
      readonly infileAt: number;
      readonly clauseAt: number;
      /** The call of `input`, where the rows are made from the data by a `SELECT`. */
      readonly input?: InputCall;
      readonly format: string;
      readonly dataAt: number;
    }
  /** `INSERT … SELECT` and its like: writes, and has no result. */
  | { readonly kind: 'write' }
  /** Rows, of which there may be many: `INTO OUTFILE …` belongs at `outfileAt`, and the statement ends at `endAt`. */
  | {
      readonly kind: 'rows';
      readonly format: string | undefined;
      readonly outfileAt: number;
      readonly endAt: number;
    }
  | { readonly kind: 'other'; readonly format: string | undefined };

/** Where `input('…')` begins and ends, and its argument as it is written, quotes included: the columns of the data. */
export interface InputCall {
  readonly at: number;
  readonly endAt: number;
  readonly structure: string;
}

const ROW_WORDS = new Set(['SELECT', 'WITH', 'FROM', '(']);
/** After one of these the rows of an insert come from the statement itself. */
const WRITE_WORDS = new Set(['SELECT', 'WITH', 'FROM', 'WATCH', 'EXECUTE']);

/** Looks at the head of a request: all of the statement, and possibly the beginning of its data. */
export function readStatement(head: Buffer): Statement {
  const sql = head.toString('latin1'); // one character a byte: offsets in the text are offsets in the bytes
  const all = tokens(sql);
  const first = nextOf(all);
  if (first?.text === 'INSERT') return readInsert(sql, all);
  const { format, outfileAt, endAt } = readTail(sql, first, all);
  return first && ROW_WORDS.has(first.text) ? { kind: 'rows', format, outfileAt, endAt } : { kind: 'other', format };
}

function readInsert(sql: string, all: Generator<Token>): Statement {
  let infileAt: number | undefined;
  for (let token = afterTarget(all); token; token = nextOf(all)) {
    const { text, kind, start, end, depth } = token;
    if (depth > 0 || kind !== 'word') continue;
    if (WRITE_WORDS.has(text)) return readSelect(sql, all);
    if (text === 'SETTINGS') infileAt ??= start;
    if (text === 'VALUES') {
      return { kind: 'insert', infileAt: infileAt ?? start, clauseAt: start, format: 'Values', dataAt: end };
    }
    if (text === 'FORMAT') {
      const name = nextOf(all);
      if (name?.kind !== 'word') break;
      const format = sql.slice(name.start, name.end);
      return { kind: 'insert', infileAt: infileAt ?? start, clauseAt: start, format, dataAt: dataStart(sql, name.end) };
    }
  }
  for (const _ of onlyOne(all));
  return { kind: 'write' };
}

/** The rest of an insert whose rows are selected: from the data after the statement, or from what the engine has. */
function readSelect(sql: string, all: Generator<Token>): Statement {
  let last: readonly Token[] = [];
  let input: InputCall | undefined;
  for (const token of onlyOne(all)) {
    last = [...last.slice(-4), token];
    input ??= inputCall(last);
    if (!input || token.depth > 0 || token.kind !== 'word' || token.text !== 'FORMAT') continue;
    const name = nextOf(all);
    if (name?.kind !== 'word') break;
    const format = sql.slice(name.start, name.end);
    const { start: clauseAt } = token;
    return { kind: 'insert', infileAt: clauseAt, clauseAt, input, format, dataAt: dataStart(sql, name.end) };
  }
  return { kind: 'write' };
}

function inputCall([from, name, open, structure, close]: readonly Token[]): InputCall | undefined {
  if (from?.text !== 'FROM' || name?.text !== 'INPUT' || open?.text !== '(' || close?.text !== ')') return undefined;
  return structure?.kind === 'string' ? { at: name.start, endAt: close.end, structure: structure.text } : undefined;
}

/** Past `INTO [TABLE] [FUNCTION] name.of.table`, whatever the table is called; the first token after it. */
function afterTarget(all: Generator<Token>): Token | undefined {
  let token = nextOf(all);
  while (token && token.kind === 'word' && ['INTO', 'TABLE', 'FUNCTION'].includes(token.text)) token = nextOf(all);
  let after = nextOf(all);
  while (after?.text === '.') {
    nextOf(all);
    after = nextOf(all);
  }
  return after;
}

function nextOf(all: Generator<Token>): Token | undefined {
  const { value, done } = all.next();
  return done ? undefined : value;
}

/** As ClickHouse reads it: after the format's name, blanks and at most one line end are not data. */
function dataStart(sql: string, from: number): number {
  const match = /[ \t\f]*(?:\r?\n)?/y;
  match.lastIndex = from;
  match.test(sql);
  return match.lastIndex;
}

/** `FORMAT X`, if the statement ends with it (settings may follow), and where its text ends without `;` and comments. */
function readTail(sql: string, first: Token | undefined, all: Generator<Token>) {
  let endAt = first?.end ?? 0;
  let clauseAt = 0;
  let format: string | undefined;
  let expects: 'clause' | 'name' | 'settings' | 'nothing' = 'clause';
  for (const { kind, text, start, end, depth } of onlyOne(all)) {
    endAt = end;
    if (expects === 'nothing') continue;
    const word = depth === 0 && kind === 'word';
    if (expects === 'name' && word) {
      format = sql.slice(start, end);
      expects = 'settings';
    } else if (expects === 'settings' && word && text === 'SETTINGS') {
      expects = 'nothing';
    } else {
      format = undefined; // a column of that name, perhaps
      expects = word && text === 'FORMAT' ? 'name' : 'clause';
      clauseAt = start;
    }
  }
  return { format, outfileAt: format === undefined ? endAt : clauseAt, endAt };
}

/** As ClickHouse over HTTP: one statement a request. Its `;` is no part of it. */
function* onlyOne(all: Generator<Token>): Generator<Token> {
  let ended = false;
  for (const token of all) {
    if (ended) throw exception('syntaxError', 'Syntax error (Multi-statements are not allowed)');
    if (token.text === ';' && token.kind === 'symbol') ended = true;
    else yield token;
  }
}
