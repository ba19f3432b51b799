import type { ReactNode } from 'react';
import type { Coverage } from '../../../src/contracts/costs.ts';
import { Amount } from '../components/amount.tsx';
import { type Segment, SplitBar, Swatch } from '../components/split-bar.tsx';
import { type PicoUsd, shareOf } from '../lib/money.ts';
import { formatPercent } from '../lib/numbers.ts';
import styles from './cost-overview.module.css';
import { listOthers, sumOthers } from './cost-parts.ts';
import { CoverageBadge } from './coverage-badge.tsx';
import { CoverageWarning } from './coverage-warning.tsx';
import type { CostSummary } from './namespace-rows.ts';
import { describeSpecial } from './special-keys.ts';

interface CostOverviewProps {
  summary: CostSummary;
  coverage: Coverage;
}

/** The sum, what it is made of, and how much of the window it knows. */
export function CostOverview({ summary, coverage }: CostOverviewProps) {
  const { total, allocated, idle, overcommit, management, allocatedParts } = summary;
  const paid = allocated + idle + management;
  const segments: Segment[] = [
    { kind: 'cpu', share: shareOf(allocatedParts.cpu, paid) },
    { kind: 'ram', share: shareOf(allocatedParts.ram, paid) },
    { kind: 'other', share: shareOf(sumOthers(allocatedParts) + management, paid) },
    { kind: 'idle', share: shareOf(idle, paid) },
  ];
  return (
    <section className={styles.panel} aria-label="Total cost">
      <div className={styles.top}>
        <div>
          <p className={styles.label}>Total cost</p>
          <p className={styles.total} data-testid="total-cost">
            <Amount value={total} />
          </p>
        </div>
        <CoverageBadge coverage={coverage} />
      </div>
      <SplitBar segments={segments} size="thick" />
      <dl className={styles.figures}>
        <Figure label="Allocated" value={allocated} whole={total}>
          <span className={styles.part}>
            <Swatch kind="cpu" /> CPU <Amount value={allocatedParts.cpu} />
          </span>
          <span className={styles.part}>
            <Swatch kind="ram" /> Memory <Amount value={allocatedParts.ram} />
          </span>
          {listOthers(allocatedParts).map(({ label, value }) => (
            <span key={label} className={styles.part}>
              <Swatch kind="other" /> {label} <Amount value={value} />
            </span>
          ))}
        </Figure>
        <Figure label={describeSpecial('__idle__').label} value={idle} whole={total}>
          <Swatch kind="idle" /> {describeSpecial('__idle__').meaning}
        </Figure>
        {management === 0n ? null : (
          <Figure label={describeSpecial('__management__').label} value={management} whole={total}>
            <Swatch kind="other" /> {describeSpecial('__management__').meaning}
          </Figure>
        )}
        {overcommit === 0n ? null : (
          <Figure label={describeSpecial('__overcommit__').label} value={overcommit} whole={total}>
            {describeSpecial('__overcommit__').meaning}
          </Figure>
        )}
      </dl>
      {coverage.ratio < 1 ? <CoverageWarning coverage={coverage} /> : null}
    </section>
  );
}

interface FigureProps {
  label: string;
  value: PicoUsd;
  whole: PicoUsd;
  /** What it means or is made of. */
  children: ReactNode;
}

function Figure({ label, value, whole, children }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd>
        <Amount value={value} /> <span className={styles.share}>{formatPercent(shareOf(value, whole))}</span>
      </dd>
      <dd className={styles.note}>{children}</dd>
    </div>
  );
}
