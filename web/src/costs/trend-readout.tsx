import { Amount } from '../components/amount.tsx';
import { Swatch } from '../components/split-bar.tsx';
import { formatCoverage } from '../lib/numbers.ts';
import { formatStep } from '../lib/time-window.ts';
import { listOthers } from './cost-parts.ts';
import type { Step } from './steps.ts';
import styles from './trend-panel.module.css';

export function TrendLegend({ steps }: { steps: readonly Step[] }) {
  return (
    <>
      <span className={styles.key}>
        <Swatch kind="cpu" /> CPU
      </span>
      <span className={styles.key}>
        <Swatch kind="ram" /> Memory
      </span>
      {steps.some(({ cost }) => cost !== null && cost.other !== 0n) ? (
        <span className={styles.key}>
          <Swatch kind="other" /> Other
        </span>
      ) : null}
      {steps.some((step) => step.coverage < 1) ? (
        <span className={styles.key}>
          <Swatch kind="gap" /> Not reported
        </span>
      ) : null}
    </>
  );
}

/** The step under the pointer, in figures, where the legend was. */
export function TrendReadout({ step }: { step: Step }) {
  return (
    <>
      <span>
        {formatStep(step)}
        {step.cut ? ' (part of the day)' : ''}
      </span>
      {step.cost === null ? (
        <strong>Not reported</strong>
      ) : (
        <>
          <strong>
            <Amount value={step.cost.total} />
          </strong>
          <span className={styles.key}>
            <Swatch kind="cpu" /> <Amount value={step.cost.cpu} />
          </span>
          <span className={styles.key}>
            <Swatch kind="ram" /> <Amount value={step.cost.ram} />
          </span>
          {listOthers(step.cost.parts).map(({ label, value }) => (
            <span key={label} className={styles.key}>
              <Swatch kind="other" /> {label} <Amount value={value} />
            </span>
          ))}
          {step.coverage < 1 ? <span>{formatCoverage(step.coverage)} reported</span> : null}
        </>
      )}
    </>
  );
}
