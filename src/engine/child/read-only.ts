/**
 * The read-only user's statements.
 *
 * The engine itself refuses every write, every change of a setting and every table function that reaches a file or the
 * network, because the session has `readonly = 1`. Four things of an embedded engine are left that this setting does not
 * stop: the scalar function `file`, `INTO OUTFILE`, `DESCRIBE` of a table function, and `KILL QUERY`; and `eval` could
 * spell the first two. They are looked for in the statement as the engine's own parser prints it, and that print is what
 * runs: no spelling, comment or escape can be read one way here and another way there.
 */
import type { Database } from './database.ts';
import { exception } from './exception.ts';
import { type Token, tokens } from './lexer.ts';

const FIRST_WORDS = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'EXISTS', 'EXPLAIN', '(']);
const REACHING_FUNCTIONS = new Set(['FILE', 'EVAL']);

/** The canonical text of `sql` if the read-only user may run it; else throws 403, or 400 where it is no statement. */
export async function readOnlyStatement(database: Database, sql: string): Promise<string> {
  const settings = new Map([['param_statement', escapeParameter(sql)]]);
  const { bytes } = await database.inSession({ database: 'default', settings, readOnly: true }, (session) =>
    session.query('SELECT formatQuerySingleLine({statement:String})', 'RawBLOB'),
  );
  const canonical = Buffer.from(bytes).toString();
  const problem = problemOf([...tokens(canonical)]);
  if (problem !== undefined) throw exception('readOnly', `This user may only read tables: ${problem}`);
  return canonical;
}

function problemOf(all: readonly Token[]): string | undefined {
  const first = all[0]?.text ?? '';
  if (!FIRST_WORDS.has(first)) return `${first} is not allowed`;
  for (const [index, { text, kind }] of all.entries()) {
    const next = all[index + 1]?.text;
    const name = kind === 'quoted' ? text.slice(1, -1).toUpperCase() : text;
    if (REACHING_FUNCTIONS.has(name) && next === '(') return `function ${name.toLowerCase()} is not allowed`;
    if (name === 'OUTFILE' || name === 'INFILE') return `${name} is not allowed`;
    if (text === 'DESCRIBE' && all.slice(index).some((token) => token.text === '(')) {
      return 'only tables can be described';
    }
  }
  return undefined;
}

/** As ClickHouse expects the value of a `String` parameter: escaped like a field of TSV. */
function escapeParameter(text: string): string {
  return text.replace(/[\\\t\n\r\0]/g, (character) => PARAMETER_ESCAPES[character] ?? character);
}

const PARAMETER_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
};
