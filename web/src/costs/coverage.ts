import type { Coverage } from '../../../src/contracts/costs.ts';

/** What one cluster reported of the window, and by which ways in. */
export interface ClusterCoverage {
  readonly name: string;
  readonly ratio: number;
  readonly hoursMissing: number;
  readonly sources: readonly string[];
}

/** Clusters with the least covered first; `hours` is the length of the window. */
export function clustersByCoverage(coverage: Coverage, hours: number): ClusterCoverage[] {
  return coverage.clusters
    .map((cluster) => ({
      name: cluster.cluster_name,
      ratio: cluster.ratio,
      hoursMissing: Math.max(0, hours - cluster.hours_covered),
      sources: cluster.sources,
    }))
    .sort((a, b) => a.ratio - b.ratio || (a.name < b.name ? -1 : 1));
}
