import type { NodeDay, PodDay } from '../contracts/node-metrics.ts';
import type { NodeReport } from '../contracts/node-report.ts';
import type { PageRequest } from './cost-queries.ts';
import type { NodeDaysAsk, NodeQueryDeps, NodeReportAsk, Paged, PodDaysAsk } from './node-asks.ts';
import { readNodeDays, readPodDays } from './node-days.ts';
import { readNodeReport } from './node-report.ts';

/**
 * Questions about nodes and pods that are counted, not priced: what subscriptions are made of. Everything is derived from
 * distinct (node, hour) and (pod, hour) facts, so uploading them again, or in other pieces, changes nothing.
 */
export interface NodeQueries {
  nodeDays(ask: NodeDaysAsk, page: PageRequest, signal?: AbortSignal): Promise<Paged<NodeDay>>;
  podDays(ask: PodDaysAsk, page: PageRequest, signal?: AbortSignal): Promise<Paged<PodDay>>;
  /** Throws `not_found` where there is no cluster of the name. */
  report(ask: NodeReportAsk, page: PageRequest, signal?: AbortSignal): Promise<NodeReport>;
}

export function createNodeQueries(deps: NodeQueryDeps): NodeQueries {
  return {
    nodeDays: (ask, page, signal) => readNodeDays(deps, ask, page, signal),
    podDays: (ask, page, signal) => readPodDays(deps, ask, page, signal),
    report: (ask, page, signal) => readNodeReport(deps, ask, page, signal),
  };
}
