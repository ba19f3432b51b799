import { z } from 'zod';
import type { Coverage } from '../contracts/costs.ts';
import { askedMs } from '../core/coverage.ts';
import { mayPass } from '../core/filter/may-pass.ts';
import type { Filter } from '../core/filter/tree.ts';
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster } from '../store/relational/clusters.ts';
import { readSql } from './statements.ts';

/** How much of a window the ledger knows, by cluster and by step of the calendar. */
export interface CoverageRead {
  /** Covered milliseconds: cluster id → start of the step (ms) → covered. */
  readonly steps: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Covered milliseconds of each cluster, over the window. */
  readonly byCluster: ReadonlyMap<string, number>;
  readonly answer: Coverage;
}

export type Step = 'hour' | 'day' | 'week';

interface CoverageRequest {
  readonly tenant: string;
  readonly clusters: readonly Cluster[];
  /** What is asked about: clusters of which it can let nothing through are not counted. */
  readonly filter?: Filter<string>;
  readonly start: number;
  readonly end: number;
  readonly now: number;
  readonly step: Step;
  /** The window as the engine's parameters. */
  readonly params: Readonly<Record<string, unknown>>;
}

const Row = z.object({
  cluster: z.string(),
  step_s: z.coerce.number(),
  covered_ms: z.coerce.number(),
  sources: z.array(z.string()),
});

export async function readCoverage(
  columnar: Columnar,
  request: CoverageRequest,
  signal?: AbortSignal,
): Promise<CoverageRead> {
  const rows = await columnar.rows(
    { sql: readSql('coverage'), params: { ...request.params, step: request.step }, row: Row },
    signal,
  );
  const steps = new Map<string, Map<number, number>>();
  const byCluster = new Map<string, number>();
  const sources = new Map<string, Set<string>>();
  for (const row of rows) {
    const ofCluster = steps.get(row.cluster) ?? new Map<number, number>();
    steps.set(row.cluster, ofCluster.set(row.step_s * SECOND_MS, row.covered_ms));
    byCluster.set(row.cluster, (byCluster.get(row.cluster) ?? 0) + row.covered_ms);
    sources.set(row.cluster, new Set([...(sources.get(row.cluster) ?? []), ...row.sources]));
  }
  return { steps, byCluster, answer: toAnswer(request, byCluster, sources) };
}

function toAnswer(
  request: CoverageRequest,
  byCluster: ReadonlyMap<string, number>,
  sources: ReadonlyMap<string, ReadonlySet<string>>,
): Coverage {
  const asked = askedMs(request, request.now);
  const counted = clustersOf(request.clusters, request.filter);
  const clusters = counted.map(({ id, name }) => {
    const covered = Math.min(asked, byCluster.get(id) ?? 0);
    return {
      cluster_name: name,
      hours_covered: covered / HOUR_MS,
      ratio: coverageRatio(covered, asked),
      sources: [...(sources.get(id) ?? [])].sort(),
    };
  });
  const coveredHours = clusters.reduce((sum, cluster) => sum + cluster.hours_covered, 0);
  const askedHours = (asked / HOUR_MS) * counted.length;
  return {
    hours_asked: askedHours,
    hours_covered: coveredHours,
    ratio: coverageRatio(coveredHours, askedHours),
    clusters,
  };
}

/** Those of which a filter may let something through; all of them where none is given. */
export function clustersOf(clusters: readonly Cluster[], filter?: Filter<string>): readonly Cluster[] {
  return filter === undefined ? clusters : clusters.filter(({ name }) => mayPass(filter, { cluster: name }));
}

/** Covered ÷ asked, never above 1 (the newest sample is held a little past now); 0 where nothing was asked for. */
export function coverageRatio(covered: number, asked: number): number {
  return asked === 0 ? 0 : Math.min(1, covered / asked);
}
