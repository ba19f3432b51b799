/** What a spreadsheet would run as a formula. Names come from clusters, so anybody may have chosen them. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One cell of a CSV as RFC 4180 has it; `null` is an empty one. A text that a spreadsheet would run gets an apostrophe before
 * it. No name that Kubernetes allows begins like one.
 */
export function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  const text = String(cell);
  const inert = FORMULA_START.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
