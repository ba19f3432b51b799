import { csvCell } from '../../lib/csv.ts';
import type { Report } from '../report/report.ts';

/** RFC 4180, with a header of column ids and without totals, so that the rows can be summed. Amounts are exact. */
export function formatCsv({ columns, rows }: Report): string {
  const lines = [columns.map(({ id }) => id), ...rows].map((row) =>
    row.filter((_, index) => columns[index]?.readers !== 'people'),
  );
  return lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
}
