import type { Metrics } from '../../lib/metrics.ts';

/** Told of what happens to the watches, for metrics. */
export interface WatchObserver {
  listed(resource: string, objects: number): void;
  failed(resource: string, reason: string): void;
  /** An object was gone from a list, and nobody had seen it go. */
  missedDeletion(resource: string): void;
  /** An object that is not what its kind should be. */
  unreadable(resource: string): void;
  /** Sample rows that wait to be taken. */
  waiting(rows: number): void;
  sent(rows: number): void;
  dropped(rows: number, reason: 'full' | 'refused'): void;
}

/** An observer that counts. */
export function createWatchMetrics(metrics: Metrics): WatchObserver {
  const labels = ['resource'] as const;
  const objects = metrics.gauge({
    name: 'kubetally_kubernetes_objects',
    help: 'Objects of the cluster at the last list.',
    labels,
  });
  const lists = metrics.counter({ name: 'kubetally_kubernetes_lists_total', help: 'Lists read to their end.', labels });
  const failures = metrics.counter({
    name: 'kubetally_kubernetes_watch_failures_total',
    help: 'Lists and watches that failed, by HTTP status or reason.',
    labels: ['resource', 'reason'],
  });
  const missed = metrics.counter({
    name: 'kubetally_kubernetes_missed_deletions_total',
    help: 'Objects that were gone from a list unseen; pods among them end when they were missed.',
    labels,
  });
  const unreadable = metrics.counter({
    name: 'kubetally_kubernetes_unreadable_objects_total',
    help: 'Objects that could not be read and were left out.',
    labels,
  });
  const waiting = metrics.gauge({
    name: 'kubetally_kubernetes_waiting_rows',
    help: 'Sample rows of the watches that wait to be taken.',
  });
  const rows = metrics.counter({
    name: 'kubetally_kubernetes_rows_total',
    help: 'Sample rows of the watches by what became of them: sent, full (dropped, too many were waiting), refused.',
    labels: ['outcome'],
  });
  return {
    listed(resource, count) {
      objects.set(count, { resource });
      lists.add(1, { resource });
    },
    failed: (resource, reason) => failures.add(1, { resource, reason }),
    missedDeletion: (resource) => missed.add(1, { resource }),
    unreadable: (resource) => unreadable.add(1, { resource }),
    waiting: (count) => waiting.set(count),
    sent: (count) => rows.add(count, { outcome: 'sent' }),
    dropped: (count, reason) => rows.add(count, { outcome: reason }),
  };
}
