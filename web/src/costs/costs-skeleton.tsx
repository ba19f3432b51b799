import { Skeleton } from '@mantine/core';
import styles from './costs-page.module.css';

/** Roughly the page's shape, so that nothing jumps when the costs arrive. */
export function CostsSkeleton() {
  return (
    <div className={styles.panels} role="status" aria-label="Loading costs">
      <Skeleton height={172} radius={8} />
      <Skeleton height={310} radius={8} />
      <Skeleton height={420} radius={8} />
    </div>
  );
}
