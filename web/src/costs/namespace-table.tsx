import { Amount } from '../components/amount.tsx';
import { SortIcon } from '../components/icons.tsx';
import { describeOthers, sumOthers } from './cost-parts.ts';
import { CostBar, NamespaceCells } from './namespace-cells.tsx';
import type { CostSummary, NamespaceRow, Sort, SortKey } from './namespace-rows.ts';
import styles from './namespace-table.module.css';
import { describeSpecial } from './special-keys.ts';

interface NamespaceTableProps {
  rows: readonly NamespaceRow[];
  /** Where the lines that are no namespace and the total come from: both stay, whatever is searched. */
  summary: CostSummary;
  sort: Sort;
  onSort: (key: SortKey) => void;
}

interface Column {
  readonly key: SortKey;
  readonly label: string;
  /** Shown on hover. */
  readonly hint?: string;
  readonly className?: string | undefined;
}

const NAME_AND_COST: readonly Column[] = [
  { key: 'namespace', label: 'Namespace' },
  { key: 'cost', label: 'Cost' },
];
const DETAILS: readonly Column[] = [
  { key: 'cpu', label: 'CPU', className: styles.wide },
  { key: 'ram', label: 'Memory', className: styles.wide },
  { key: 'other', label: 'Other', hint: 'GPUs, volumes, network, load balancers and fees', className: styles.other },
  { key: 'efficiency', label: 'Efficiency', hint: 'Usage ÷ request, weighted by cost' },
  { key: 'pods', label: 'Pods', className: styles.wide },
];

/** Namespaces, then the lines of the bill that are none, then the sum of both. */
export function NamespaceTable({ rows, summary, sort, onSort }: NamespaceTableProps) {
  const longest = summary.namespaces.reduce((most, row) => (row.cost > most ? row.cost : most), 0n);
  const header = (column: Column) => <SortHeader key={column.key} column={column} sort={sort} onSort={onSort} />;
  return (
    <table className={styles.table} data-others={hasOthers(summary) || undefined}>
      <caption className={styles.caption}>Cost by namespace</caption>
      <thead>
        <tr>
          {NAME_AND_COST.map(header)}
          <th scope="col" className={styles.share}>
            Share of total
          </th>
          {DETAILS.map(header)}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.namespace}>
            <th scope="row" className={styles.name} title={row.namespace}>
              {row.namespace}
              <span className={styles.narrowBar}>
                <CostBar row={row} longest={longest} />
              </span>
            </th>
            <NamespaceCells row={row} longest={longest} />
          </tr>
        ))}
      </tbody>
      <SpecialRows summary={summary} />
      <TotalRow summary={summary} />
    </table>
  );
}

/** Whether anything but CPU and memory was paid for: else the column for it would hold nothing but zeros. */
function hasOthers({ namespaces, special }: CostSummary): boolean {
  return [...namespaces, ...special].some(({ other }) => other !== 0n);
}

interface SortHeaderProps extends Pick<NamespaceTableProps, 'sort' | 'onSort'> {
  column: Column;
}

function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const active = sort.key === column.key;
  const direction = sort.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" className={column.className} aria-sort={active ? direction : undefined}>
      <button type="button" title={column.hint} data-active={active || undefined} onClick={() => onSort(column.key)}>
        {column.label}
        <SortIcon descending={active ? sort.descending : column.key !== 'namespace'} />
      </button>
    </th>
  );
}

function SpecialRows({ summary }: { summary: CostSummary }) {
  return (
    <tbody className={styles.special}>
      {summary.special.map((row) => (
        <tr key={row.namespace}>
          <th scope="row" className={styles.name}>
            {describeSpecial(row.namespace).label}
            <span className={styles.meaning}>{describeSpecial(row.namespace).meaning}</span>
          </th>
          <NamespaceCells row={row} longest={0n} plain />
        </tr>
      ))}
    </tbody>
  );
}

function TotalRow({ summary }: { summary: CostSummary }) {
  return (
    <tfoot>
      <tr>
        <th scope="row">Total</th>
        <td>
          <Amount value={summary.total} />
        </td>
        <td className={styles.share} />
        <td className={styles.wide}>
          <Amount value={summary.totalParts.cpu} />
        </td>
        <td className={styles.wide}>
          <Amount value={summary.totalParts.ram} />
        </td>
        <td className={styles.other} title={describeOthers(summary.totalParts)}>
          <Amount value={sumOthers(summary.totalParts)} />
        </td>
        <td />
        <td className={styles.wide} />
      </tr>
    </tfoot>
  );
}
