import type { Coverage } from '../../../src/contracts/costs.ts';
import { formatHours } from '../lib/numbers.ts';
import styles from './coverage.module.css';
import { clustersByCoverage, hoursAsked } from './coverage.ts';

/** Named in the sentence; the rest is counted and listed behind the badge. */
const NAMED_MAX = 3;

/** Says in words that the sum is a part only, and who to ask for the rest. */
export function CoverageWarning({ coverage }: { coverage: Coverage }) {
  const lacking = clustersByCoverage(coverage).filter((cluster) => cluster.hoursMissing > 0);
  const named = lacking.slice(0, NAMED_MAX);
  const others = lacking.length - named.length;
  return (
    <p className={styles.warning} role="status">
      <strong>Some hours are missing, and their cost is not in the total.</strong>{' '}
      {named.map((cluster, index) => (
        <span key={cluster.name}>
          {index === 0 ? '' : ', '}
          <b>{cluster.name}</b> lacks {formatHours(cluster.hoursMissing)} of {formatHours(hoursAsked(coverage))}
        </span>
      ))}
      {others > 0 ? `, and ${others} more ${others === 1 ? 'cluster' : 'clusters'}` : ''}
      {named.length > 0 ? '.' : ''}
    </p>
  );
}
