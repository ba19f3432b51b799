import { codeOnly } from './source-text.ts';

/** What the ratchet counts. Tests may be long and may cast; they are counted apart. */
export const DEBTS = ['any', 'nonNull', 'casts', 'lintDisables', 'longFiles', 'testCasts'] as const;
export type Debt = (typeof DEBTS)[number];
export type Debts = Record<Debt, number>;

const LINES_MAX = 400;
const TEST_FILE = /(\.test\.tsx?|\.conformance\.ts)$|^test\//;

const ANY = /(?<=[:<|&,(=]\s*|\bas\s+)any\b/g;
const NON_NULL = /(?<=[\w)\]])!(?=[.;,)\]\s[](?!=))/g;
const CAST = /(?<=[\w)\]}'"`]\s+)as\s+(?!const\b)[\w{[(]/g;
const IMPORT_ALIAS = /^\s*(import|export)\b[^;]*?;|^\s*\*\s+as\s/gm;
const LINT_DISABLE = /(oxlint|eslint|biome|ts)-(disable|ignore|expect-error|nocheck)/g;

export function countDebts(file: string, source: string): Debts {
  const code = codeOnly(source);
  const isTest = TEST_FILE.test(file);
  const casts = matches(code.replace(IMPORT_ALIAS, ''), CAST);
  return {
    any: matches(code, ANY),
    nonNull: matches(code, NON_NULL),
    casts: isTest ? 0 : casts,
    testCasts: isTest ? casts : 0,
    lintDisables: matches(commentsOf(source), LINT_DISABLE),
    longFiles: !isTest && source.split('\n').length > LINES_MAX + 1 ? 1 : 0,
  };
}

export function total(each: readonly Debts[]): Debts {
  const sums: Debts = { any: 0, nonNull: 0, casts: 0, lintDisables: 0, longFiles: 0, testCasts: 0 };
  for (const debts of each) for (const debt of DEBTS) sums[debt] += debts[debt];
  return sums;
}

function matches(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** Lines that are comments: a directive inside a string is none. */
function commentsOf(source: string): string {
  return source
    .split('\n')
    .filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line) || /\s\/\/\s/.test(line))
    .join('\n');
}
