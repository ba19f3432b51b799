import { Popover } from '@mantine/core';
import type { Coverage } from '../../../src/contracts/costs.ts';
import { CheckIcon, WarningIcon } from '../components/icons.tsx';
import { formatCoverage, formatHours } from '../lib/numbers.ts';
import styles from './coverage.module.css';
import { clustersByCoverage } from './coverage.ts';

/** How much of the window the costs know; opens to what each cluster reported and how. */
export function CoverageBadge({ coverage }: { coverage: Coverage }) {
  const complete = coverage.ratio >= 1;
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={styles.badge} data-complete={complete || undefined}>
          {complete ? <CheckIcon /> : <WarningIcon />}
          {formatCoverage(coverage.ratio)} of hours reported
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Hours reported, by cluster" p={0}>
        <ClusterCoverageTable coverage={coverage} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ClusterCoverageTable({ coverage }: { coverage: Coverage }) {
  const clusters = clustersByCoverage(coverage);
  return (
    // Scrolls when there are many clusters, so the keyboard must be able to reach it.
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Hours reported, by cluster">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Reported</th>
            <th scope="col">Missing</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {clusters.map((cluster) => (
            <tr key={cluster.name}>
              <th scope="row">{cluster.name}</th>
              <td>{formatCoverage(cluster.ratio)}</td>
              <td>{cluster.hoursMissing === 0 ? 'none' : formatHours(cluster.hoursMissing)}</td>
              <td>{cluster.sources.join(', ') || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
