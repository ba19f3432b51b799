import type { Cell, Report } from '../report/report.ts';

/** What a spreadsheet would run as a formula. Names in a report come from clusters, so anybody may have chosen them. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/** RFC 4180, with a header of column ids and without totals, so that the rows can be summed. Amounts are exact. */
export function formatCsv({ columns, rows }: Report): string {
  return [columns.map(({ id }) => id), ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: Cell): string {
  if (cell === null) return '';
  const text = String(cell);
  const inert = FORMULA_START.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
