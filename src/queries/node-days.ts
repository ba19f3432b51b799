import { z } from 'zod';
import type { NodeDay, PodDay } from '../contracts/node-metrics.ts';
import type { Cluster } from '../store/relational/clusters.ts';
import type { PageRequest } from './cost-queries.ts';
import { engineInstant } from './engine-instant.ts';
import { labelSpellings } from './label-keys.ts';
import type { NodeDaysAsk, NodeQueryDeps, Paged, PodDaysAsk } from './node-asks.ts';
import { readNodeQuestion, readSql } from './statements.ts';

const Counted = z.object({ date: z.string(), cluster: z.string(), all_rows: z.coerce.number() });
const NodeRow = Counted.extend({
  node: z.string(),
  identifier: z.string(),
  type: z.string(),
  cores: z.coerce.number(),
  hours: z.coerce.number(),
});
const PodRow = Counted.extend({
  namespace: z.string(),
  pod: z.string(),
  component: z.string(),
  max_fraction: z.number(),
  core_seconds: z.number(),
  hours: z.coerce.number(),
});

export async function readNodeDays(
  deps: NodeQueryDeps,
  ask: NodeDaysAsk,
  page: PageRequest,
  signal?: AbortSignal,
): Promise<Paged<NodeDay>> {
  const { clusterName } = ask;
  const named = (name: string) => clusterName === undefined || lower(name) === lower(clusterName);
  const clusters = await visible(deps, ask, named);
  const params = { ...windowOf(ask, clusters), node_type: ask.nodeType ?? '' };
  const query = { sql: readNodeQuestion('node-days'), row: NodeRow };
  const { total, rows } = await readPage(page, (rowsOf) =>
    deps.columnar.rows({ ...query, params: { ...params, ...rowsOf } }, signal),
  );
  return {
    total,
    rows: rows.map((row) => ({
      Date: `${row.date}T00:00:00Z`,
      ...namesOf(row.cluster, clusters),
      NodeName: row.node,
      NodeIdentifier: row.identifier,
      NodeType: row.type,
      CoreCount: row.cores,
      TotalHours: row.hours,
    })),
  };
}

export async function readPodDays(
  deps: NodeQueryDeps,
  ask: PodDaysAsk,
  page: PageRequest,
  signal?: AbortSignal,
): Promise<Paged<PodDay>> {
  const { clusterName } = ask;
  const clusters = await visible(deps, ask, (name) => lower(name).includes(lower(clusterName ?? '')));
  const params = {
    ...windowOf(ask, clusters),
    namespace: ask.namespace ?? '',
    pod_name: ask.podName ?? '',
    component: ask.component ?? '',
    label_keys: labelSpellings(deps.podLabelKeys),
  };
  const query = { sql: readSql('pod-days'), row: PodRow };
  const { total, rows } = await readPage(page, (rowsOf) =>
    deps.columnar.rows({ ...query, params: { ...params, ...rowsOf } }, signal),
  );
  return {
    total,
    rows: rows.map((row) => ({
      Date: `${row.date}T00:00:00Z`,
      MaxCoresUsed: row.max_fraction,
      TotalPodEffectiveCoreSeconds: row.core_seconds,
      TotalHours: row.hours,
      ...namesOf(row.cluster, clusters),
      PodName: row.pod,
      Namespace: row.namespace,
      Component: row.component,
    })),
  };
}

const lower = (text: string): string => text.toLowerCase();

/** The tenant's clusters that the caller may see and asks for, by our id. */
async function visible(
  { clusters }: NodeQueryDeps,
  { tenant, onlyCluster, clusterId }: NodeDaysAsk,
  isNamed: (name: string) => boolean,
): Promise<ReadonlyMap<string, Cluster>> {
  const all = await clusters.list(tenant);
  const asked = all.filter(
    (cluster) =>
      (onlyCluster === null || cluster.id === onlyCluster) &&
      (clusterId === undefined || cluster.id === clusterId || externalIdOf(cluster) === clusterId) &&
      isNamed(cluster.name),
  );
  return new Map(asked.map((cluster) => [cluster.id, cluster]));
}

function namesOf(id: string, clusters: ReadonlyMap<string, Cluster>): Pick<NodeDay, 'ClusterID' | 'ClusterName'> {
  const cluster = clusters.get(id);
  return { ClusterID: cluster ? externalIdOf(cluster) : id, ClusterName: cluster?.name ?? id };
}

/** The id that the cluster's own operator gives, which clients of these routes know; ours where it gave none. */
function externalIdOf(cluster: Cluster): string {
  return cluster.externalId ?? cluster.id;
}

function windowOf({ tenant, start, end }: NodeDaysAsk, clusters: ReadonlyMap<string, Cluster>) {
  return { tenant, clusters: [...clusters.keys()], start: engineInstant(start), end: engineInstant(end) };
}

/** A page and the number of all rows; one past the end has none, and yet their number is that of the whole answer. */
async function readPage<Row extends { all_rows: number }>(
  page: PageRequest,
  read: (page: PageRequest) => Promise<Row[]>,
): Promise<Paged<Row>> {
  const rows = await read(page);
  const first = rows[0] ?? (page.offset === 0 ? undefined : (await read({ limit: 1, offset: 0 }))[0]);
  return { total: first?.all_rows ?? 0, rows };
}
