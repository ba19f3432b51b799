import type { Coverage } from '../../../src/contracts/costs.ts';

/** What one cluster reported of the window, and by which ways in. */
export interface ClusterCoverage {
  readonly name: string;
  readonly ratio: number;
  readonly hoursMissing: number;
  readonly sources: readonly string[];
}

/** Hours of the window that each cluster was asked for: all but those that have not come yet. */
export function hoursAsked(coverage: Coverage): number {
  return coverage.clusters.length === 0 ? 0 : coverage.hours_asked / coverage.clusters.length;
}

/** Clusters with the least covered first. */
export function clustersByCoverage(coverage: Coverage): ClusterCoverage[] {
  const asked = hoursAsked(coverage);
  return coverage.clusters
    .map((cluster) => ({
      name: cluster.cluster_name,
      ratio: cluster.ratio,
      hoursMissing: cluster.ratio >= 1 ? 0 : Math.max(0, asked - cluster.hours_covered),
      sources: cluster.sources,
    }))
    .sort((a, b) => a.ratio - b.ratio || (a.name < b.name ? -1 : 1));
}
