import { z } from 'zod';
import type { NodeGroup, NodeReport } from '../contracts/node-report.ts';
import { askedMs, ledgerHours } from '../core/coverage.ts';
import { HOUR_MS, SECOND_MS } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Cluster } from '../store/relational/clusters.ts';
import type { PageRequest } from './cost-queries.ts';
import { coverageRatio } from './coverage.ts';
import { engineInstant } from './engine-instant.ts';
import { labelSpellings } from './label-keys.ts';
import type { NodeQueryDeps, NodeReportAsk } from './node-asks.ts';
import { readNodeQuestion } from './statements.ts';

const GroupRow = z.object({
  day: z.string().nullable(),
  group_cluster: z.string(),
  group_type: z.string(),
  group_label: z.string(),
  vcpu_hours: z.coerce.number(),
  peak_vcpus: z.coerce.number(),
  peak_s: z.coerce.number(),
  node_hours: z.coerce.number(),
  peak_nodes: z.coerce.number(),
  node_count: z.coerce.number(),
  all_vcpu_hours: z.coerce.number(),
  all_node_hours: z.coerce.number(),
  all_rows: z.coerce.number(),
});
type GroupRow = z.infer<typeof GroupRow>;

const CoveredRow = z.object({ cluster: z.string(), hours: z.coerce.number(), sources: z.array(z.string()) });

export async function readNodeReport(
  deps: NodeQueryDeps,
  ask: NodeReportAsk,
  page: PageRequest,
  signal?: AbortSignal,
): Promise<NodeReport> {
  const clusters = await askedClusters(deps, ask);
  const hours = ledgerHours(ask);
  const params = {
    tenant: ask.tenant,
    clusters: clusters.map(({ id }) => id),
    start: engineInstant(hours.start),
    end: engineInstant(hours.end),
  };
  const groups = groupsOf(ask);
  const grouping = {
    by_day: ask.step === 'day',
    group_by: groups,
    label_keys: ask.byLabel === undefined ? [] : labelSpellings([ask.byLabel]),
  };
  const read = (rowsOf: PageRequest) =>
    deps.columnar.rows(
      { sql: readNodeQuestion('node-report'), params: { ...params, ...grouping, ...rowsOf }, row: GroupRow },
      signal,
    );
  const [rows, covered] = await Promise.all([
    read(page),
    deps.columnar.rows({ sql: readNodeQuestion('node-coverage'), params, row: CoveredRow }, signal),
  ]);
  const first = rows[0] ?? (page.offset === 0 ? undefined : (await read({ limit: 1, offset: 0 }))[0]);
  return {
    start_time: new Date(ask.start).toISOString(),
    end_time: new Date(ask.end).toISOString(),
    group_by: groups,
    step: ask.step,
    coverage: coverageOf(clusters, covered, askedMs(ask, deps.clock.now())),
    total: { vcpu_hours: first?.all_vcpu_hours ?? 0, node_hours: first?.all_node_hours ?? 0 },
    pagination: { total: first?.all_rows ?? 0, limit: page.limit, offset: page.offset },
    nodes: rows.map((row) => toGroup(row, ask, clusters)),
  };
}

async function askedClusters({ clusters }: NodeQueryDeps, ask: NodeReportAsk): Promise<Cluster[]> {
  const { tenant, cluster: name, onlyCluster } = ask;
  const all = (await clusters.list(tenant)).filter(({ id }) => onlyCluster === null || id === onlyCluster);
  const asked = name === undefined ? all : all.filter((cluster) => cluster.name === name);
  if (name === undefined || asked.length > 0) return asked;
  throw new AppError('not_found', `no cluster named "${name}"`, { details: { cluster: name } });
}

function groupsOf({ byCluster, byNodeType, byLabel }: NodeReportAsk): string[] {
  const label = byLabel === undefined ? [] : [`label:${byLabel}`];
  return [...(byCluster ? ['cluster'] : []), ...(byNodeType ? ['node_type'] : []), ...label];
}

function toGroup(row: GroupRow, ask: NodeReportAsk, clusters: readonly Cluster[]): NodeGroup {
  const clusterName = clusters.find(({ id }) => id === row.group_cluster)?.name ?? row.group_cluster;
  return {
    date: row.day,
    cluster_name: ask.byCluster ? clusterName : null,
    node_type: ask.byNodeType ? row.group_type : null,
    label: ask.byLabel === undefined ? null : row.group_label,
    vcpu_hours: row.vcpu_hours,
    peak_vcpus: row.peak_vcpus,
    peak_at: new Date(row.peak_s * SECOND_MS).toISOString(),
    node_hours: row.node_hours,
    peak_nodes: row.peak_nodes,
    node_count: row.node_count,
  };
}

type CoveredRow = z.infer<typeof CoveredRow>;

function coverageOf(clusters: readonly Cluster[], rows: readonly CoveredRow[], asked: number): NodeReport['coverage'] {
  const each = clusters.map(({ id, name }) => {
    const row = rows.find(({ cluster }) => cluster === id);
    const covered = Math.min(asked, (row?.hours ?? 0) * HOUR_MS);
    return {
      cluster_name: name,
      hours_covered: covered / HOUR_MS,
      ratio: coverageRatio(covered, asked),
      sources: row?.sources ?? [],
    };
  });
  const hoursCovered = each.reduce((sum, { hours_covered }) => sum + hours_covered, 0);
  const hoursAsked = (asked / HOUR_MS) * clusters.length;
  return {
    hours_asked: hoursAsked,
    hours_covered: hoursCovered,
    ratio: coverageRatio(hoursCovered, hoursAsked),
    clusters: each,
  };
}
