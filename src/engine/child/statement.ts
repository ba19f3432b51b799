import { type Token, tokens } from './lexer.ts';

/**
 * What kind of statement a request holds, as far as serving it differs by kind. Only the engine judges a statement; this
 * decides how its data goes in and its result comes out.
 */
export type Statement =
  /** `INSERT INTO t … FORMAT X <data>` or `… VALUES <data>`: offsets into the bytes of the request. */
  | {
      readonly kind: 'insert';
      /** Where `FROM INFILE …` belongs, and where the clause that announces the data begins. */
      readonly infileAt: number;
      readonly clauseAt: number;
      readonly format: string;
      readonly dataAt: number;
    }
  /** `INSERT … SELECT` and its like: writes, and has no result. */
  | { readonly kind: 'write' }
  /** Rows that can be streamed, in the format that the statement names, if it names one. */
  | { readonly kind: 'rows'; readonly format: string | undefined }
  | { readonly kind: 'other'; readonly format: string | undefined };

const ROW_WORDS = new Set(['SELECT', 'WITH', 'FROM', '(']);
/** After one of these the rows of an insert come from the statement itself. */
const WRITE_WORDS = new Set(['SELECT', 'WITH', 'FROM', 'WATCH', 'EXECUTE', '(']);

/** Looks at the head of a request: all of the statement, and possibly the beginning of its data. */
export function readStatement(head: Buffer): Statement {
  const sql = head.toString('latin1'); // one character a byte: offsets in the text are offsets in the bytes
  const all = tokens(sql);
  const first = all.next().value;
  if (first?.text === 'INSERT') return readInsert(sql, all);
  const format = lastFormat(sql, all);
  return first && ROW_WORDS.has(first.text) ? { kind: 'rows', format } : { kind: 'other', format };
}

function readInsert(sql: string, all: Generator<Token>): Statement {
  let infileAt: number | undefined;
  let target = skipTarget(all);
  for (; target; target = nextOf(all)) {
    const { text, kind, start, end, depth } = target;
    if (depth > 0 || (kind !== 'word' && text !== '(')) continue;
    if (text === 'SETTINGS') infileAt ??= start;
    if (text === 'VALUES') {
      return { kind: 'insert', infileAt: infileAt ?? start, clauseAt: start, format: 'Values', dataAt: end };
    }
    if (text === 'FORMAT') {
      const name = nextOf(all);
      if (name?.kind !== 'word') return { kind: 'write' };
      const format = sql.slice(name.start, name.end);
      return { kind: 'insert', infileAt: infileAt ?? start, clauseAt: start, format, dataAt: dataStart(sql, name.end) };
    }
    if (WRITE_WORDS.has(text) && text !== '(') return { kind: 'write' };
  }
  return { kind: 'write' };
}

/** Past `INTO [TABLE] [FUNCTION] name.of.table`, whatever the table is called; the first token after it. */
function skipTarget(all: Generator<Token>): Token | undefined {
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

function lastFormat(sql: string, all: Generator<Token>): string | undefined {
  let format: string | undefined;
  let expects = false;
  for (const { kind, text, start, end, depth } of all) {
    if (depth === 0 && kind === 'word' && expects) format = sql.slice(start, end);
    expects = depth === 0 && kind === 'word' && text === 'FORMAT';
  }
  return format;
}
