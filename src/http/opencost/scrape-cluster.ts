import { AppError } from '../../lib/errors.ts';
import { EXPOSITION_MEDIA_TYPE, exposition } from '../../lib/exposition.ts';
import { HOURS_MAX } from '../../queries/opencost-metrics.ts';
import type { ClusterRecord, Principal, ServerDeps } from '../dependencies.ts';
import { Streamed } from '../streamed.ts';
import { openCostFamilies } from './metric-families.ts';

type Deps = Pick<ServerDeps, 'clusters' | 'clusterMetrics' | 'version'>;

interface Scrape {
  /** Id or name; `''` is the one that the key is bound to. */
  readonly cluster: string;
  readonly principal: Principal;
  readonly signal: AbortSignal;
}

/** Where nothing is known there is no gauge: what is old must not look new, and what is unknown is not 0. */
const NOTHING = `# nothing is known of the last ${HOURS_MAX} hours\n`;

/**
 * OpenCost's gauges of one cluster, in the Prometheus text format.
 *
 * @throws AppError `not_found` for a cluster that the caller has not, `invalid_request` where it names none.
 */
export async function scrapeCluster({ clusters, clusterMetrics, version }: Deps, scrape: Scrape) {
  const { principal, signal } = scrape;
  const found = clusterOf(await clusters.list(principal.tenantId), scrape);
  const metrics = await clusterMetrics.ofCluster({ tenant: principal.tenantId, cluster: found.id }, signal);
  if (metrics === null) return Streamed.as(EXPOSITION_MEDIA_TYPE, () => [NOTHING]);
  const families = () => exposition(openCostFamilies(metrics, { id: found.id, name: found.name, version }));
  return Streamed.as(EXPOSITION_MEDIA_TYPE, families);
}

function clusterOf(all: readonly ClusterRecord[], { cluster, principal }: Scrape): ClusterRecord {
  const mine = all.filter(({ id }) => principal.clusterId === null || id === principal.clusterId);
  const found =
    cluster === ''
      ? mine.find(({ id }) => id === principal.clusterId)
      : (mine.find(({ id }) => id === cluster) ?? mine.find(({ name }) => name === cluster));
  if (found) return found;
  if (cluster === '') {
    const message = 'name a cluster: this key is bound to none';
    throw new AppError('invalid_request', message, { details: { field: 'cluster' } });
  }
  throw new AppError('not_found', `there is no cluster ${JSON.stringify(cluster)} that this key may see`);
}
