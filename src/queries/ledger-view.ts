import { z } from 'zod';
import { ledgerHours, type Window } from '../core/coverage.ts';
import { DAY_SUMS, HOUR_SUMS } from '../core/sums.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Cluster } from '../store/relational/clusters.ts';
import type { ClusterCoverage } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import { EXCEPTIONS_MAX, type GrainPlan, planGrain, wholeDaysOf } from './grain.ts';
import { readSql } from './statements.ts';

/** What the ledger holds of a window: one look, from which an answer then is planned. */
export interface LedgerView {
  /** Changes whenever an hour of the window does, or what was told of namespaces and services on its days. */
  readonly stamp: string;
  /** Whose hours were looked at: of one that came since no plan knows which may be read. */
  readonly clusters: ReadonlySet<string>;
  /** By cluster; those that the ledger has no hour of are not there. */
  readonly coverage: ReadonlyMap<string, ClusterCoverage>;
  readonly plan: GrainPlan;
}

export interface ViewRequest extends Window {
  readonly tenant: string;
  readonly clusters: readonly string[];
  readonly now: number;
  /** Instants at which an answer is cut (milliseconds). */
  readonly cuts?: readonly number[];
}

/** Of the sets of a question. */
export function viewRequest(
  { tenant, sets }: { readonly tenant: string; readonly sets: readonly Window[] },
  { clusters, now }: { readonly clusters: readonly Cluster[]; readonly now: number },
): ViewRequest {
  return {
    tenant,
    clusters: clusters.map(({ id }) => id),
    start: sets[0]?.start ?? 0,
    end: sets.at(-1)?.end ?? 0,
    now,
    cuts: sets.map((set) => ledgerHours(set).start),
  };
}

const Row = z.object({
  cluster: z.string(),
  hours: z.string(),
  covered_ms: z.coerce.number(),
  sources: z.array(z.string()),
  outdated_days: z.array(z.string()),
  unsummed_hours: z.array(z.number()),
  namespaces: z.string().nullable(),
  services: z.string().nullable(),
});

export async function readLedgerView(
  columnar: Columnar,
  request: ViewRequest,
  signal?: AbortSignal,
): Promise<LedgerView> {
  const hours = ledgerHours(request);
  const days = wholeDaysOf(request);
  const params = {
    tenant: request.tenant,
    clusters: request.clusters,
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
    day_from: days.from,
    day_to: days.to,
    cut_days: days.cut,
    day_sums: DAY_SUMS,
    hour_sums: HOUR_SUMS,
    unsummed_max: EXCEPTIONS_MAX + 1,
  };
  const rows = await columnar.rows({ sql: readSql('ledger-view'), params, row: Row }, signal);
  const known = rows.map(({ cluster, outdated_days, unsummed_hours }) => ({
    cluster,
    outdatedDays: outdated_days,
    unsummedHours: unsummed_hours,
  }));
  return {
    stamp: JSON.stringify(
      rows.map(({ cluster, hours, namespaces, services }) => [cluster, hours, namespaces, services]),
    ),
    clusters: new Set(request.clusters),
    coverage: new Map(
      rows.map(({ cluster, covered_ms, sources }) => [cluster, { coveredMs: covered_ms, sources }] as const),
    ),
    plan: planGrain(days, known),
  };
}
