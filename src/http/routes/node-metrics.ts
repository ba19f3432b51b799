import type { FastifyReply, FastifyRequest } from 'fastify';
import { type NodeDay, ndoeMetrics, nodeMetrics, type PodDay, podMetrics } from '../../contracts/node-metrics.ts';
import { csvCell } from '../../lib/csv.ts';
import { AppError } from '../../lib/errors.ts';
import type { PageRequest } from '../../queries/cost-queries.ts';
import type { Paged } from '../../queries/node-asks.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute, Call } from '../route.ts';
import { readDailyAsk } from './daily-metrics-ask.ts';

type NodesCall = Pick<Call<typeof nodeMetrics>, 'query' | 'request' | 'reply' | 'signal'>;

/** Daily nodes and pods, for clients of the Cost Metrics Aggregator. */
export function addNodeMetricsRoutes(add: AddRoute, { nodes, clock }: Pick<ServerDeps, 'nodes' | 'clock'>): void {
  const answerNodes = async ({ query, request, reply, signal }: NodesCall) => {
    const { window, page } = readDailyAsk(query, clock.now());
    const ask = { ...callerOf(request), ...window, ...clusterOf(query), nodeType: query.node_type };
    const found = await known('Failed to query node metrics', () => nodes.nodeDays(ask, page, signal));
    return wantsCsv(request) ? csvOf(reply, 'node_metrics.csv', toCsv(NODE_COLUMNS, found.rows)) : paged(found, page);
  };
  add(nodeMetrics, answerNodes);
  add(ndoeMetrics, answerNodes);

  add(podMetrics, async ({ query, request, reply, signal }) => {
    const { window, page } = readDailyAsk(query, clock.now());
    const parts = { namespace: query.namespace, podName: query.pod_name, component: query.component };
    const ask = { ...callerOf(request), ...window, ...clusterOf(query), ...parts };
    const found = await known('Failed to query pod metrics', () => nodes.podDays(ask, page, signal));
    return wantsCsv(request) ? csvOf(reply, 'pod_metrics.csv', toCsv(POD_COLUMNS, found.rows)) : paged(found, page);
  });
}

function callerOf(request: FastifyRequest) {
  const { tenantId, clusterId } = principalOf(request);
  return { tenant: tenantId, onlyCluster: clusterId };
}

/** An empty filter is none. */
function clusterOf(query: { cluster_id?: string | undefined; cluster_name?: string | undefined }) {
  return { clusterId: query.cluster_id || undefined, clusterName: query.cluster_name || undefined };
}

/** What the stores could not answer, in the words that these clients know; the status still says whether to try again. */
async function known<T>(words: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const told = `${words}: ${error.message}`;
    const { retryAfterSeconds } = error;
    const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    throw new AppError(error.code, told, { ...retry, details: { ...error.details, error: told }, cause: error });
  }
}

/** Their lists are `null` when empty. */
function paged<Row>({ total, rows }: Paged<Row>, { limit, offset }: PageRequest) {
  return { metadata: { total, limit, offset }, data: rows.length === 0 ? null : [...rows] };
}

const wantsCsv = (request: FastifyRequest): boolean => request.headers.accept === 'text/csv';

function csvOf(reply: FastifyReply, fileName: string, text: string): string {
  reply.type('text/csv').header('content-disposition', `attachment;filename=${fileName}`);
  return text;
}

type Columns<Row> = readonly (readonly [title: string, cell: (row: Row) => string | number])[];

const NODE_COLUMNS: Columns<NodeDay> = [
  ['Date', (row) => row.Date.slice(0, 10)],
  ['ClusterID', (row) => row.ClusterID],
  ['ClusterName', (row) => row.ClusterName],
  ['NodeName', (row) => row.NodeName],
  ['NodeIdentifier', (row) => row.NodeIdentifier],
  ['NodeType', (row) => row.NodeType],
  ['CoreCount', (row) => row.CoreCount],
  ['TotalHours', (row) => row.TotalHours],
];

const POD_COLUMNS: Columns<PodDay> = [
  ['Date', (row) => row.Date.slice(0, 10)],
  ['MaxCoresUsed', (row) => row.MaxCoresUsed.toFixed(2)],
  ['TotalPodEffectiveCoreSeconds', (row) => row.TotalPodEffectiveCoreSeconds.toFixed(2)],
  ['TotalHours', (row) => row.TotalHours],
  ['ClusterID', (row) => row.ClusterID],
  ['ClusterName', (row) => row.ClusterName],
  ['Namespace', (row) => row.Namespace],
  ['PodName', (row) => row.PodName],
  ['Component', (row) => row.Component],
];

/** Lines end in a line feed alone, as those of their server do. */
function toCsv<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => csvCell(cell(row))))];
  return lines.map((cells) => `${cells.join(',')}\n`).join('');
}
