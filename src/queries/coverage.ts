import { z } from 'zod';
import type { Coverage } from '../contracts/costs.ts';
import { askedMs, type Window } from '../core/coverage.ts';
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

/** How much of a window the ledger knows of one cluster, and from whom. */
export interface ClusterCoverage {
  readonly coveredMs: number;
  readonly sources: readonly string[];
}

interface CoverageAsk extends Window {
  readonly clusters: readonly Cluster[];
  /** What is asked about: clusters of which it can let nothing through are not counted. */
  readonly filter?: Filter<string>;
  readonly now: number;
}

interface CoverageRequest extends CoverageAsk {
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
  const found = new Map<string, ClusterCoverage>();
  for (const row of rows) {
    const ofCluster = steps.get(row.cluster) ?? new Map<number, number>();
    steps.set(row.cluster, ofCluster.set(row.step_s * SECOND_MS, row.covered_ms));
    const { coveredMs, sources } = found.get(row.cluster) ?? { coveredMs: 0, sources: [] };
    found.set(row.cluster, {
      coveredMs: coveredMs + row.covered_ms,
      sources: [...new Set([...sources, ...row.sources])],
    });
  }
  const byCluster = new Map([...found].map(([cluster, { coveredMs }]) => [cluster, coveredMs]));
  return { steps, byCluster, answer: coverageOf(request, found) };
}

/** As answers tell it. */
export function coverageOf(request: CoverageAsk, found: ReadonlyMap<string, ClusterCoverage>): Coverage {
  const asked = askedMs(request, request.now);
  const counted = clustersOf(request.clusters, request.filter);
  const clusters = counted.map(({ id, name }) => {
    const { coveredMs, sources } = found.get(id) ?? { coveredMs: 0, sources: [] };
    const covered = Math.min(asked, coveredMs);
    return {
      cluster_name: name,
      hours_covered: covered / HOUR_MS,
      ratio: coverageRatio(covered, asked),
      sources: [...sources].sort(),
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
