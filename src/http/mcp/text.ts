import type { Coverage } from '../../contracts/costs.ts';

/** Rows of a table in words; the rest is in the structured answer. */
const ROWS_MAX = 50;
const CELL_CHARS_MAX = 100;
const CENT_FROM = 1;

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
}

/** A table that a model can read; what is longer than `ROWS_MAX` rows ends with how many are not shown. */
export function tableText<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  if (rows.length === 0) return 'Nothing was found.';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const shown = rows.slice(0, ROWS_MAX).map((row) => line(columns.map(({ cell }) => clean(cell(row)))));
  const rest = rows.length - shown.length;
  const head = [line(columns.map(({ title }) => title)), line(columns.map(() => '---'))];
  return [...head, ...shown, ...(rest > 0 ? [`and ${rest} more rows, in the structured answer`] : [])].join('\n');
}

/** Names come from clusters, and anything may stand in them. */
function clean(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').replaceAll('|', '/');
  return plain.length <= CELL_CHARS_MAX ? plain : `${plain.slice(0, CELL_CHARS_MAX)}…`;
}

/** Short enough to read; the structured answer is exact. */
export function moneyText(amount: string): string {
  const value = Number(amount);
  return value.toFixed(Math.abs(value) >= CENT_FROM ? 2 : 4);
}

export function amountText(amount: number): string {
  return String(Number(amount.toPrecision(4)));
}

export function percentText(ratio: number | null): string {
  return ratio === null ? '–' : `${amountText(ratio * 100)} %`;
}

interface Answered {
  readonly start: string;
  readonly end: string;
  readonly currency: string;
  readonly coverage: Coverage;
}

/** Whence and how well known: the first line of every answer about costs. */
export function headline({ start, end, currency, coverage }: Answered): string {
  const { ratio, hours_covered: covered, hours_asked: asked } = coverage;
  const known = `${amountText(covered)} of ${amountText(asked)} cluster hours are known (${percentText(ratio)})`;
  const warning = ratio < 1 ? '; what is missing is unknown, not free' : '';
  return `${start} to ${end}, ${currency}. ${known}${warning}.`;
}

/** Paragraphs; what is `null` is left out. */
export function paragraphs(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join('\n\n');
}
