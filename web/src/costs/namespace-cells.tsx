import { Amount } from '../components/amount.tsx';
import { SplitBar } from '../components/split-bar.tsx';
import { shareOf } from '../lib/money.ts';
import { formatCount, formatPercent } from '../lib/numbers.ts';
import { describeOthers } from './cost-parts.ts';
import type { NamespaceRow } from './namespace-rows.ts';
import styles from './namespace-table.module.css';

/** The figures of a row, after its name. Lines that are no namespace have no efficiency and no pods. */
export function NamespaceCells({
  row,
  longest,
  plain = false,
}: {
  row: NamespaceRow;
  longest: bigint;
  plain?: boolean;
}) {
  return (
    <>
      <td>
        <Amount value={row.cost} />
      </td>
      <td className={styles.share}>
        <span className={styles.shareInner}>
          {plain ? null : <CostBar row={row} longest={longest} />}
          <span>{formatPercent(row.share)}</span>
        </span>
      </td>
      <td className={styles.wide}>
        <Amount value={row.cpu} />
      </td>
      <td className={styles.wide}>
        <Amount value={row.ram} />
      </td>
      <td className={styles.other} title={describeOthers(row.parts)}>
        <Amount value={row.other} />
      </td>
      <td title={plain ? undefined : efficiencyParts(row)}>{plain ? '' : formatPercent(row.efficiency.total)}</td>
      <td className={styles.wide}>{plain ? '' : formatCount(row.pods)}</td>
    </>
  );
}

/** As long as the row's cost is against the dearest row's, cut into CPU, memory and the rest. */
export function CostBar({ row, longest }: { row: NamespaceRow; longest: bigint }) {
  return (
    <SplitBar
      segments={[
        { kind: 'cpu', share: shareOf(row.cpu, longest) },
        { kind: 'ram', share: shareOf(row.ram, longest) },
        { kind: 'other', share: shareOf(row.other, longest) },
      ]}
    />
  );
}

function efficiencyParts({ efficiency }: NamespaceRow): string {
  return `CPU ${formatPercent(efficiency.cpu)}, memory ${formatPercent(efficiency.ram)}`;
}
