/**
 * TypeScript text with its comments and the insides of its strings blanked, so that a search for code finds code alone.
 * Lengths and lines stay as they were. Regular expressions are told from divisions by what stands before them, which is
 * right for formatted sources.
 */
export function codeOnly(source: string, keep: { strings?: boolean } = {}): string {
  return source.replace(TOKEN, (token, ...rest: unknown[]) => {
    const before = typeof rest[0] === 'string' ? rest[0] : '';
    if (token.startsWith('//') || token.startsWith('/*')) return blank(token);
    const body = token.slice(before.length);
    return keep.strings ? token : before + body.charAt(0) + blank(body.slice(1, -1)) + body.slice(-1);
  });
}

const COMMENT = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`;
const TEXT = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|${'`'}(?:[^${'`'}\\]|\\[\s\S])*${'`'}`;
/** A regular expression follows an operator, an opening bracket or a comma; its class may hold a slash. */
const REGEXP = String.raw`([=(,:[!&|?{};]\s*|return\s+)\/(?![*\/])(?:[^\/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/`;
const TOKEN = new RegExp(`${COMMENT}|${REGEXP}|${TEXT}`, 'g');

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** The specifiers that a module imports or exports from, type imports and dynamic ones too. */
export function importsOf(source: string): string[] {
  const code = codeOnly(source, { strings: true });
  return [...code.matchAll(IMPORT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

const IMPORT =
  /^\s*(?:import|export)\s[^'";]*?\sfrom\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
