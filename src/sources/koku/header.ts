import { COLUMNS_MAX } from './limits.ts';
import { columnsOf, REPORTS, type Report } from './reports.ts';

export interface Header {
  readonly report: Report;
  /** Trimmed names, in the order of the file. */
  readonly columns: readonly string[];
  /** Columns that no version known here has; they are not read. */
  readonly unknown: readonly string[];
}

/** How many columns a message names. */
const NAMED_MAX = 10;
const NAME_CHARS_MAX = 80;

/** Which report a header is of, or, as a text, why it is of none: the report it comes closest to, and what tells it apart. */
export function readHeader(record: readonly string[]): Header | string {
  const columns = record.map((name) => name.trim());
  if (columns.length > COLUMNS_MAX) return `its header has ${columns.length} columns; at most ${COLUMNS_MAX}`;
  const present = new Set(columns);
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== undefined) return `its header names ${listed([twice])} twice`;
  const report = REPORTS.find(({ required }) => required.every((name) => present.has(name)));
  if (!report) return whyNone(columns);
  const known = columnsOf(report);
  return { report, columns, unknown: columns.filter((name) => name !== '' && !known.has(name)) };
}

function whyNone(columns: readonly string[]): string {
  const [closest] = REPORTS.map((report) => {
    const known = columnsOf(report);
    return { report, known, shared: columns.filter((name) => known.has(name)).length };
  }).toSorted((a, b) => b.shared - a.shared);
  if (!closest || closest.shared === 0) return `its header is of no report: unknown columns ${listed(columns)}`;
  const missing = closest.report.required.filter((name) => !columns.includes(name));
  const unknown = columns.filter((name) => !closest.known.has(name));
  const also = unknown.length > 0 ? `, unknown columns ${listed(unknown)}` : '';
  return `its header is of no report; for a ${closest.report.kind} report it lacks ${listed(missing)}${also}`;
}

/** Some names of columns as a message shows them: what a stranger sent, so cut short and without control characters. */
export function listed(names: readonly string[]): string {
  const shown = names
    .slice(0, NAMED_MAX)
    .map((name) => name.slice(0, NAME_CHARS_MAX).replaceAll(/[\p{Cc}\p{Cs}]/gu, '?'));
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${shown.join(', ')}${more}`;
}
