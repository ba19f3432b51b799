import pc from 'picocolors';
import type { Coverage } from '../../contracts/costs.ts';
import type { Column, ColumnKind, Report } from '../report/report.ts';
import { decimalsFor, showCores, showGib, showHours, showMoney, showPercent } from './amounts.ts';

const GAP = '  ';
const NOT_KNOWN = '–';
/** What costs are in where their report does not say. */
const STANDARD = 'USD';

/** Aligned columns, the total, and how much of the window the numbers know. */
export function formatTable(report: Report, { color }: { color: boolean }): string {
  const paint = pc.createColors(color);
  const subject = report.subject ?? 'costs';
  const shown = report.columns.flatMap((column, index) =>
    column.readers === 'machines' ? [] : [showColumn(column, { report, index })],
  );
  const line = (row: number): string =>
    shown
      .map(({ cells, pad }) => pad(cells[row] ?? ''))
      .join(GAP)
      .trimEnd();
  const lines = [paint.bold(line(0)), ...report.rows.map((_, row) => line(row + 1))];
  if (report.rows.length === 0) lines.push(paint.dim(`no ${subject} in this window`));
  if (report.totals.some((cell) => cell !== null)) lines.push(paint.bold(line(report.rows.length + 1)));
  lines.push('', `${report.window.start} to ${report.window.end}, ${unitOf(report)}`);
  lines.push(...coverageLines(report.coverage).map((text) => (report.coverage.ratio < 1 ? paint.yellow(text) : text)));
  return [...lines, ...report.notes, ''].join('\n');
}

function unitOf({ subject, currency = STANDARD }: Report): string {
  if (subject === 'nodes') return 'whole cores';
  return currency === STANDARD ? 'US dollars' : currency;
}

const LEFT: ReadonlySet<ColumnKind> = new Set(['text', 'instant']);

interface ShownColumn {
  /** Header, rows, total. */
  readonly cells: readonly string[];
  readonly pad: (text: string) => string;
}

function showColumn(column: Column, { report, index }: { report: Report; index: number }): ShownColumn {
  const values = [...report.rows, report.totals].map((row) => row[index] ?? null);
  const decimals = column.kind === 'money' ? moneyDecimals(report) : 0;
  const total = index === 0 && LEFT.has(column.kind) ? 'Total' : '';
  const cells = [
    column.title,
    ...values.slice(0, -1).map((cell) => (cell === null ? NOT_KNOWN : SHOW[column.kind](cell, decimals))),
    ...values.slice(-1).map((cell) => (cell === null ? total : SHOW[column.kind](cell, decimals))),
  ];
  const width = Math.max(...cells.map((text) => text.length));
  return { cells, pad: (text) => (LEFT.has(column.kind) ? text.padEnd(width) : text.padStart(width)) };
}

/** All amounts of a report have the same decimals, so that columns can be compared. */
function moneyDecimals({ columns, rows, totals }: Report): number {
  const amounts = [...rows, totals].flatMap((row) => row.filter((_, index) => columns[index]?.kind === 'money'));
  return decimalsFor(amounts.filter((cell) => typeof cell === 'string'));
}

const SHOW: Readonly<Record<ColumnKind, (cell: string | number, decimals: number) => string>> = {
  text: (cell) => printable(String(cell)),
  instant: (cell) => printable(String(cell)).replace(/^(.{10})T(.{5})(:00(\.0+)?)?Z$/, '$1 $2'),
  money: (cell, decimals) => showMoney(String(cell), decimals),
  millicores: (cell) => showCores(Number(cell)),
  bytes: (cell) => showGib(Number(cell)),
  ratio: (cell) => showPercent(Number(cell)),
  hours: (cell) => Number(cell).toFixed(1),
  count: (cell) => String(cell),
};

/** Names come from clusters: none of them may move the cursor or change colours. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '�');
}

/** `coverage 98.2 % (165 of 168 h)`, and where something is missing, which cluster it is missing from. */
export function coverageLines({ ratio, hours_asked, hours_covered, clusters }: Coverage): string[] {
  const hours = (covered: number, asked: number) =>
    `${showPercent(ratioOf(covered, asked))} (${showHours(covered)} of ${showHours(asked)} h)`;
  const lines = [`coverage ${hours(hours_covered, hours_asked)}`];
  if (ratio >= 1 || clusters.length === 0) return lines;
  const askedEach = hours_asked / clusters.length;
  for (const cluster of clusters.filter((one) => one.ratio < 1)) {
    lines.push(`  ${printable(cluster.cluster_name)}: ${hours(cluster.hours_covered, askedEach)}`);
  }
  return lines;
}

function ratioOf(covered: number, asked: number): number {
  return asked === 0 ? 0 : Math.min(1, covered / asked);
}
