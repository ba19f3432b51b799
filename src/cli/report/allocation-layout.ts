import type { AllocationAnswer } from '../../contracts/allocations.ts';
import type { Cell, Column, Report } from './report.ts';

type AllocationSet = AllocationAnswer['sets'][number];
type Row = AllocationSet['allocations'][number];
type CostPart = keyof Row['cost'];

interface AllocationColumn extends Column {
  readonly cell: (row: Row, set: AllocationSet) => Cell;
  readonly total?: (answer: AllocationAnswer) => Cell;
}

/** Parts of a cost, of which only those are shown that anything was paid for. */
const COSTS: Readonly<Record<CostPart, string>> = {
  cpu: 'CPU',
  ram: 'RAM',
  gpu: 'GPU',
  pv: 'Volumes',
  network: 'Network',
  load_balancer: 'Balancers',
  external: 'External',
  management: 'Management',
  idle: 'Idle',
  shared: 'Shared',
  total: 'Total',
};
const ALWAYS: ReadonlySet<string> = new Set(['cpu', 'ram', 'total']);
const RATES = { cumulative: '', hourly: 'an hour', daily: 'a day', monthly: 'a month of 730 hours' } as const;

/** Allocations laid out: when, where there are several sets; a column for each key; then what it cost. */
export function layoutAllocations(answer: AllocationAnswer): Report {
  const columns = columnsOf(answer);
  const hidden = answer.sets.reduce((sum, { rows, allocations }) => sum + rows - allocations.length, 0);
  const rate = RATES[answer.cost_metric];
  return {
    currency: answer.currency,
    columns,
    rows: answer.sets.flatMap((set) => set.allocations.map((row) => columns.map(({ cell }) => cell(row, set)))),
    totals: columns.map(({ total }) => total?.(answer) ?? null),
    coverage: answer.coverage,
    window: { start: answer.start, end: answer.end },
    notes: [
      ...(rate === '' ? [] : [`costs are ${rate}`]),
      ...(hidden === 0 ? [] : [`${hidden} rows are not shown; --limit or --top shows more`]),
    ],
    answer,
  };
}

function columnsOf(answer: AllocationAnswer): AllocationColumn[] {
  const { aggregate, sets } = answer;
  const text = (title: string, id: string, cell: AllocationColumn['cell']) =>
    ({ title, id, kind: 'text', cell }) as const;
  const keys = aggregate.map((key, index) =>
    text(key, key, (row) =>
      row.kind === 'allocation' ? (row.keys[key] ?? '') || '__unallocated__' : index === 0 ? row.name : '',
    ),
  );
  return [
    ...(sets.length > 1 ? [text('From', 'from', (_, { start }) => start)] : []),
    ...(keys.length === 0 ? [text('Name', 'name', ({ name }) => name || 'all')] : keys),
    ...costColumns(answer),
    { title: 'Efficiency', id: 'efficiency', kind: 'ratio', cell: ({ efficiency }) => efficiency.total },
    { ...text('Currency', 'currency', () => answer.currency), readers: 'machines' },
  ];
}

function costColumns({ total }: AllocationAnswer): AllocationColumn[] {
  const parts = Object.entries(total).filter(([part, cost]) => ALWAYS.has(part) || cost !== '0');
  const titles = new Map<string, string>(Object.entries(COSTS));
  return parts.map(([part]) => ({
    title: titles.get(part) ?? part,
    id: `${part}_cost`,
    kind: 'money',
    cell: ({ cost }) => new Map(Object.entries(cost)).get(part) ?? null,
    total: (answer) => new Map(Object.entries(answer.total)).get(part) ?? null,
  }));
}
