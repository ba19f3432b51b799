import type { Client } from '../../client/client.ts';
import { type NodeReport, nodeReport } from '../../contracts/node-report.ts';
import { readGroupBy } from '../../queries/node-group-by.ts';
import type { NodeQueries } from '../../queries/node-queries.ts';
import { allPages } from './pages.ts';

export interface NodesAsk {
  /** Half-open window, milliseconds, UTC. */
  readonly start: number;
  readonly end: number;
  readonly cluster?: string | undefined;
  /** `cluster,node_type,label:<key>` */
  readonly groupBy: string;
  readonly step: NodeReport['step'];
}

/** The report of nodes, wherever it is made: by a server, or from the stores of this machine. At most `limit` rows. */
export type NodeAnswers = (ask: NodesAsk, limit: number, signal?: AbortSignal) => Promise<NodeReport>;

export function nodeAnswersOfServer(client: Client): NodeAnswers {
  return ({ start, end, cluster, groupBy, step }, limit, signal) => {
    const times = { start_time: new Date(start).toISOString(), end_time: new Date(end).toISOString() };
    const query = { ...times, cluster, group_by: groupBy, step };
    return allPages(limit, {
      rowsOf: nodeRows,
      get: (page) => client.call(nodeReport, { query: { ...query, ...page } }, signal),
    });
  };
}

export function nodeAnswersOfQueries(nodes: NodeQueries, tenant: string): NodeAnswers {
  return ({ groupBy, ...ask }, limit, signal) =>
    allPages(limit, {
      rowsOf: nodeRows,
      get: (page) => nodes.report({ tenant, onlyCluster: null, ...ask, ...readGroupBy(groupBy) }, page, signal),
    });
}

const nodeRows = (answer: NodeReport) => answer.nodes;
