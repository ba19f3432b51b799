import type { NodeDay, PodDay } from '../contracts/node-metrics.ts';
import type { NodeReport } from '../contracts/node-report.ts';
import type { Clock } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Clusters } from '../store/relational/clusters.ts';
import type { PageRequest } from './cost-queries.ts';
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

/** Which rows there are, and those of the page. */
export interface Paged<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

interface Ask {
  readonly tenant: string;
  /** The only cluster that the caller may see, by our id; `null` is any of the tenant's. */
  readonly onlyCluster: string | null;
  /** Half-open window, milliseconds, UTC. */
  readonly start: number;
  readonly end: number;
}

/** Text filters: an empty or missing one lets everything through. */
export interface NodeDaysAsk extends Ask {
  /** Exactly: the id that the cluster's operator gives, or ours. */
  readonly clusterId?: string | undefined;
  /** In any case: whole for nodes, a part of it for pods. */
  readonly clusterName?: string | undefined;
  readonly nodeType?: string | undefined;
}

export interface PodDaysAsk extends Omit<NodeDaysAsk, 'nodeType'> {
  readonly namespace?: string | undefined;
  readonly podName?: string | undefined;
  readonly component?: string | undefined;
}

export interface NodeReportAsk extends Ask {
  readonly cluster?: string | undefined;
  readonly byCluster: boolean;
  readonly byNodeType: boolean;
  /** Key of the label to group by. */
  readonly byLabel?: string | undefined;
  readonly step: NodeReport['step'];
}

export interface NodeQueryDeps {
  readonly columnar: Pick<Columnar, 'rows'>;
  readonly clusters: Pick<Clusters, 'list'>;
  readonly clock: Clock;
  /** A pod is counted where it has one of these; the first one's value is its component. */
  readonly podLabelKeys: readonly string[];
}

export function createNodeQueries(deps: NodeQueryDeps): NodeQueries {
  return {
    nodeDays: (ask, page, signal) => readNodeDays(deps, ask, page, signal),
    podDays: (ask, page, signal) => readPodDays(deps, ask, page, signal),
    report: (ask, page, signal) => readNodeReport(deps, ask, page, signal),
  };
}
