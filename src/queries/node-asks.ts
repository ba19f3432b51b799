import type { NodeReport } from '../contracts/node-report.ts';
import type { Clock } from '../lib/clock.ts';
import type { Columnar } from '../store/columnar/columnar.ts';
import type { Clusters } from '../store/relational/clusters.ts';

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
