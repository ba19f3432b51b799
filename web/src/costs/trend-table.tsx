import { type SyntheticEvent, useState } from 'react';
import { Amount } from '../components/amount.tsx';
import { formatCoverage } from '../lib/numbers.ts';
import { formatStep } from '../lib/time-window.ts';
import { describeOthers } from './cost-parts.ts';
import type { Step } from './steps.ts';
import styles from './trend-panel.module.css';

/** The chart as figures, for those who cannot or would rather not read a drawing. */
export function TrendTable({ steps }: { steps: readonly Step[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className={styles.details}
      onToggle={(event: SyntheticEvent<HTMLDetailsElement>) => setOpen(event.currentTarget.open)}
    >
      <summary>Show as a table</summary>
      {open ? <StepTable steps={steps} /> : null}
    </details>
  );
}

function StepTable({ steps }: { steps: readonly Step[] }) {
  return (
    // Scrolls, so the keyboard must be able to reach it.
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Cost by time">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Cost</th>
            <th scope="col" className={styles.split}>
              CPU
            </th>
            <th scope="col" className={styles.split}>
              Memory
            </th>
            <th scope="col" className={styles.split}>
              Other
            </th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.start}>
              <th scope="row">{formatStep(step)}</th>
              <StepCells step={step} />
              <td>{formatCoverage(step.coverage)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StepCells({ step }: { step: Step }) {
  if (step.cost === null) {
    return (
      <>
        <td className={styles.unknown}>unknown</td>
        <td className={styles.split}>–</td>
        <td className={styles.split}>–</td>
        <td className={styles.split}>–</td>
      </>
    );
  }
  return (
    <>
      <td>
        <Amount value={step.cost.total} />
      </td>
      <td className={styles.split}>
        <Amount value={step.cost.cpu} />
      </td>
      <td className={styles.split}>
        <Amount value={step.cost.ram} />
      </td>
      <td className={styles.split} title={describeOthers(step.cost.parts)}>
        <Amount value={step.cost.other} />
      </td>
    </>
  );
}
