import type { CostBreakdown } from '../../contracts/costs.ts';
import { formatMoney, parseMoney, subtractMoney } from '../../lib/money.ts';
import { decimalsFor, showMoney } from '../formats/amounts.ts';
import type { Cell, Column, ColumnKind } from './report.ts';

/** A column of a report, and what it shows of a row. */
export interface ColumnOf<Row> extends Column {
  readonly cell: (row: Row) => Cell;
}

export interface Costed {
  readonly cost: CostBreakdown;
}

/** A column of money, of a row's cost or of the cost of all rows. */
interface CostColumn extends ColumnOf<Costed> {
  readonly ofCost: (cost: CostBreakdown) => string;
}

export function column<Row>(
  title: string,
  [id, kind]: readonly [string, ColumnKind],
  cell: (row: Row) => Cell,
): ColumnOf<Row> {
  return { title, id, kind, cell };
}

/** What is paid for beside CPU and RAM: as words in a sentence, and the columns of machines. */
const OTHERS = [
  { part: 'gpu', words: 'GPUs', id: 'gpu_usd' },
  { part: 'pv', words: 'volumes', id: 'volumes_usd' },
  { part: 'network', words: 'network', id: 'network_usd' },
  { part: 'load_balancer', words: 'load balancers', id: 'load_balancers_usd' },
  { part: 'external', words: 'external', id: 'external_usd' },
  { part: 'management', words: 'management', id: 'management_usd' },
] as const;

export const OTHER_ID = 'other_usd';

/** People get everything beside CPU and RAM in one column, so that a line fits a terminal; machines get each resource. */
export const COST_COLUMNS: readonly CostColumn[] = [
  costColumn('Total', 'total_usd', ({ total }) => total),
  costColumn('CPU', 'cpu_usd', ({ cpu }) => cpu),
  costColumn('RAM', 'ram_usd', ({ ram }) => ram),
  { ...costColumn('Other', OTHER_ID, otherCost), readers: 'people' },
  ...OTHERS.map(
    ({ part, words, id }): CostColumn => ({ ...costColumn(words, id, (cost) => cost[part]), readers: 'machines' }),
  ),
];

/** The cell of a column in the line of totals; `null` of a column that is not money. */
export function totalOf(id: string, total: CostBreakdown): Cell {
  return COST_COLUMNS.find((one) => one.id === id)?.ofCost(total) ?? null;
}

/** `Other is volumes 12.30, management 2.40.`; nothing where there is no other cost. */
export function otherNote(total: CostBreakdown): string[] {
  const paid = OTHERS.filter(({ part }) => parseMoney(total[part]) !== 0n);
  if (paid.length === 0) return [];
  const decimals = decimalsFor([total.total]);
  return [`Other is ${paid.map(({ part, words }) => `${words} ${showMoney(total[part], decimals)}`).join(', ')}.`];
}

function costColumn(title: string, id: string, ofCost: CostColumn['ofCost']): CostColumn {
  return { title, id, kind: 'money', ofCost, cell: ({ cost }) => ofCost(cost) };
}

function otherCost({ total, cpu, ram }: CostBreakdown): string {
  return formatMoney(subtractMoney(subtractMoney(parseMoney(total), parseMoney(cpu)), parseMoney(ram)));
}
